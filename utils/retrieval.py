"""Nearest neighbours: find the images whose vectors lie closest to a question's, and judge what was found.

from utils import retrieval
found = retrieval.nearest(codes_of_questions, codes_of_collection, k=10)     # (Q, 10) indices, the nearest first
retrieval.precision(labels[found], labels_of_questions)                      # share of the found that are right
retrieval.vote(labels[found])                                                # a classifier: the majority decides
"""

import torch


def nearest(questions, collection, k):
    """The k vectors of a collection that lie closest to each question, by Euclidean distance.

    Args:
        questions: float tensor (Q, ...); what comes behind the first axis is one vector.
        collection: float tensor (N, ...) with vectors of the same length.
        k: how many, from 1 to N.

    Returns:
        int64 tensor (Q, k) of indices into the collection, the nearest first.

    Raises:
        ValueError: the vectors differ in length, or k is out of range.
    """
    questions, collection = questions.flatten(1), collection.flatten(1)
    if questions.shape[1] != collection.shape[1]:
        raise ValueError(
            f"Questions are vectors of {questions.shape[1]} numbers, the collection's have {collection.shape[1]}. "
            "Encode both with the same network."
        )
    if not 1 <= k <= len(collection):
        raise ValueError(f"k must be from 1 to {len(collection)}, the size of the collection, not {k}.")
    return torch.cdist(questions, collection).topk(k, largest=False).indices


def precision(found, labels):
    """Share of what was found that has the question's label: precision at k, averaged over the questions.

    Args:
        found: labels (Q, k) of what was found.
        labels: labels (Q,) of the questions.

    Returns:
        float from 0 to 1.
    """
    return (found == labels[:, None]).float().mean().item()


def vote(found):
    """The label that most neighbours have; of equally frequent ones that of the nearest neighbour.

    Cover and Hart (1967), "Nearest neighbor pattern classification".

    Args:
        found: int64 labels (Q, k) of the neighbours, the nearest first.

    Returns:
        int64 tensor (Q,).
    """
    votes = (found[:, :, None] == found[:, None, :]).sum(2)  # how many neighbours agree with each
    return found.gather(1, votes.argmax(1, keepdim=True))[:, 0]
