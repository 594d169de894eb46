//! Signs beside the words. They say nothing that the words do not say.

const SHAPES: Readonly<Record<string, string>> = {
  sound: "M12 2.5 20 5.5V11.5C20 16.5 16.6 20 12 21.5 7.4 20 4 16.5 4 11.5V5.5ZM8 12 11 15 16.2 9",
  partial: "M12 2.5 20 5.5V11.5C20 16.5 16.6 20 12 21.5 7.4 20 4 16.5 4 11.5V5.5ZM9.6 9.4A2.4 2.4 0 1 1 12 12.2V13.4M12 16.6V16.7",
  unsound: "M8 2.5H16L21.5 8V16L16 21.5H8L2.5 16V8ZM8.5 8.5 15.5 15.5M15.5 8.5 8.5 15.5",
  open: "M12 2.5A9.5 9.5 0 1 1 12 21.5 9.5 9.5 0 1 1 12 2.5ZM9 9.5A3 3 0 1 1 12 12.8V14M12 17.2V17.3",
  file: "M6 2.5H14L19 7.5V21.5H6ZM14 2.5V7.5H19M9 12H16M9 16H16",
};
const SVG = "http://www.w3.org/2000/svg";

/** A sign, hidden from screen readers. */
export function icon(name: keyof typeof SHAPES): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name] ?? "");
  svg.append(path);
  return svg;
}
