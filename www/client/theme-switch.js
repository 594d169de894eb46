// The dark mode switch. Until it is used the system decides; a choice equal to the system's is remembered all the same.
export function themeSwitch() {
  const button = document.querySelector(".theme-button");
  if (!button) return;
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const show = () => button.setAttribute("aria-checked", String(dark()));
  button.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    try {
      localStorage.setItem("gait-theme", root.dataset.theme);
    } catch {
      // Not remembered, then; it holds for this page.
    }
    show();
  });
  system.addEventListener("change", show);
  // Another page of the site was switched.
  addEventListener("storage", ({ key, newValue }) => {
    if (key !== "gait-theme") return;
    if (newValue === "light" || newValue === "dark") root.dataset.theme = newValue;
    else delete root.dataset.theme;
    show();
  });
  button.hidden = false;
  show();
}
