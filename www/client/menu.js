// The navigation on narrow screens. Without scripts its button is a link to the navigation, which `:target` shows.
export function menu() {
  const button = document.querySelector(".menu-button");
  const nav = document.getElementById("site-nav");
  if (!button || !nav) return;
  const open = (wanted) => {
    nav.classList.toggle("open", wanted);
    button.setAttribute("aria-expanded", String(wanted));
    if (wanted) reveal();
  };
  open(false);
  button.addEventListener("click", (event) => {
    event.preventDefault();
    open(!nav.classList.contains("open"));
  });
  // It is a link by its element and a button by its role: both keys press a button.
  button.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    button.click();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !nav.classList.contains("open")) return;
    open(false);
    button.focus();
  });
  reveal();
}

/** Brings the page's own entry into the navigation's view, without moving the page. */
function reveal() {
  const nav = document.getElementById("site-nav");
  const here = nav.querySelector('[aria-current="page"]');
  if (!here || nav.scrollHeight <= nav.clientHeight) return;
  const offset = here.getBoundingClientRect().top - nav.getBoundingClientRect().top;
  nav.scrollTop += offset - nav.clientHeight / 3;
}
