// Starts the talk, fits each slide to its page, and answers the keys that reveal.js has no use for.

const HEIGHT = 720, BOTTOM = 36;      // of a slide, and what stays free below its text
const FIGURES = [520, 440, 380, 320, 270, 230, 190]; // heights that figures may have
const SIZES = [1, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64]; // of the type
const ENLARGED = 1.4;                 // a figure is shown at most so much larger than it was drawn

const root = document.documentElement;
const stored = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
const setDark = (dark) => root.classList.toggle("dark", dark);
setDark(stored() ? stored() === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);

function toggleTheme() {
  setDark(!root.classList.contains("dark"));
  try { localStorage.setItem("theme", root.classList.contains("dark") ? "dark" : "light"); } catch { /* no storage */ }
}

function fits(slide) {
  if (slide.getBoundingClientRect().height / Reveal.getScale() > HEIGHT - BOTTOM) return false;
  return [...slide.querySelectorAll(".table, .code, .said")].every((part) => part.scrollWidth <= part.clientWidth + 1);
}

// How large figures come out, against the size they were drawn in: the smallest of them counts.
function figureScale(slide) {
  const figures = [...slide.querySelectorAll(".figure")];
  return Math.min(ENLARGED, ...figures.map((figure) => figure.offsetWidth / figure.naturalWidth));
}

function arrange(section, { size, figure, layout }) {
  const slide = section.querySelector(".slide");
  section.classList.remove("above", "beside");
  section.classList.add(layout);
  slide.style.setProperty("--size", size);
  slide.style.setProperty("--figure", `${figure}px`);
  return slide;
}

// Of all arrangements that fit, the one with the largest type and figures: code above its output, or beside it.
function fit(section) {
  if (section.dataset.fitted) return;
  section.dataset.fitted = "yes";
  let best = { size: SIZES.at(-1), figure: FIGURES.at(-1), layout: "beside" }, most = 0;
  for (const layout of ["above", "beside"]) {
    for (const size of SIZES) {
      const figure = FIGURES.find((height) => fits(arrange(section, { size, figure: height, layout })));
      if (!figure) continue;
      const value = size * Math.sqrt(figureScale(section));
      if (value > most * 1.001) [best, most] = [{ size, figure, layout }, value];
    }
  }
  arrange(section, best);
}

function showNotes() {
  const spoken = document.getElementById("spoken");
  const notes = Reveal.getCurrentSlide().querySelector("aside.notes");
  spoken.innerHTML = notes ? notes.innerHTML : "<p>No notes for this slide.</p>";
}

async function start() {
  await MathJax.startup.promise;
  await MathJax.typesetPromise([document.querySelector(".slides")]);
  await Promise.all([...document.images].map((image) => image.decode().catch(() => null)));
  for (const figure of document.querySelectorAll(".figure")) {
    figure.style.setProperty("--ratio", figure.naturalWidth / figure.naturalHeight);
    figure.style.setProperty("--widest", `${ENLARGED * figure.naturalWidth}px`);
  }
  Reveal.on("ready", (event) => fit(event.currentSlide));
  Reveal.on("slidechanged", (event) => { fit(event.currentSlide); showNotes(); });
  await Reveal.initialize({
    width: 1280, height: HEIGHT, margin: 0, minScale: 0.1, maxScale: 6, center: false, hash: true,
    transition: "none", backgroundTransition: "none", slideNumber: "c/t", plugins: [RevealNotes],
    keyboard: {
      78: () => { showNotes(); const spoken = document.getElementById("spoken"); spoken.hidden = !spoken.hidden; },
      84: toggleTheme,
    },
  });
  window.deckReady = true;
}

if (document.querySelector(".reveal")) start();
