"""Ten digits as strokes of the mouse: {digit: strokes}, each stroke a list of points (x, y) as shares of the pad."""

import math


def _arc(x, y, width, height, begin, end, points=14):
    """Points of an ellipse around (x, y), from angle `begin` to `end` in degrees, clockwise from the right."""
    angles = [math.radians(begin + (end - begin) * i / (points - 1)) for i in range(points)]
    return [(x + width * math.cos(angle), y + height * math.sin(angle)) for angle in angles]


STROKES = {
    0: [_arc(0.5, 0.5, 0.22, 0.33, -90, 270, 24)],
    1: [[(0.52, 0.15), (0.5, 0.5), (0.48, 0.85)]],
    2: [[*_arc(0.5, 0.32, 0.2, 0.17, -170, 40), (0.28, 0.82), (0.75, 0.82)]],
    3: [[*_arc(0.48, 0.32, 0.2, 0.17, -150, 80), *_arc(0.48, 0.66, 0.23, 0.18, -80, 150)]],
    4: [[(0.35, 0.15), (0.28, 0.52), (0.72, 0.52)], [(0.65, 0.15), (0.63, 0.88)]],
    5: [[(0.72, 0.15), (0.36, 0.15), (0.34, 0.45), *_arc(0.48, 0.63, 0.22, 0.21, -110, 140)]],
    6: [[(0.6, 0.12), (0.42, 0.3), (0.32, 0.55), *_arc(0.5, 0.66, 0.18, 0.18, -180, 180, 24)]],
    7: [[(0.28, 0.17), (0.72, 0.17), (0.5, 0.5), (0.42, 0.86)]],
    8: [[*_arc(0.5, 0.31, 0.17, 0.17, 90, -270, 20), *_arc(0.5, 0.68, 0.2, 0.19, -90, 270, 20)]],
    9: [[*_arc(0.5, 0.33, 0.18, 0.18, 0, -360, 20), (0.68, 0.33), (0.64, 0.6), (0.58, 0.87)]],
}
