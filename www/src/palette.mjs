// The palette: every colour once, light and dark beside each other. Styles use the names; a test holds the pairs that
// carry text to the contrast of WCAG AA.

/** name: [light, dark] */
export const palette = {
  bg: ["#fcfbf9", "#101317"],
  surface: ["#ffffff", "#171b20"],
  sunken: ["#f3f1ec", "#0b0d10"],
  line: ["#e2ded6", "#2a3038"],
  "line-strong": ["#8d8778", "#6d7682"],
  text: ["#1a1c20", "#e8e6e1"],
  muted: ["#565a62", "#a3a8b1"],
  accent: ["#0a5c70", "#74cbdc"],
  "accent-text": ["#ffffff", "#06222a"],
  "accent-soft": ["#e0eff2", "#12303a"],
  good: ["#1b6a3a", "#7fd19b"],
  "good-soft": ["#e2f2e6", "#12301e"],
  bad: ["#a8231b", "#ff9d92"],
  "bad-soft": ["#fbe7e4", "#3a1714"],
  warn: ["#7a4b00", "#ebbd62"],
  "warn-soft": ["#fbf0d9", "#33260b"],
  mark: ["#ffe79a", "#5a4708"],
  "code-key": ["#0a5c70", "#74cbdc"],
  "code-string": ["#2d6528", "#a5d08a"],
  "code-number": ["#8a3f0c", "#eda873"],
  "code-name": ["#5b3a9c", "#c3a8f5"],
};

/** Pairs [text, ground] that are read: 4.5 to 1 or better. */
export const readable = [
  ...["bg", "surface", "sunken"].flatMap((ground) =>
    ["text", "muted", "accent", "good", "bad", "warn"].map((text) => [text, ground])),
  ...["key", "string", "number", "name"].map((token) => [`code-${token}`, "sunken"]),
  ["accent-text", "accent"], ["accent", "accent-soft"], ["text", "accent-soft"], ["text", "mark"],
  ["good", "good-soft"], ["bad", "bad-soft"], ["warn", "warn-soft"],
  ["text", "good-soft"], ["text", "bad-soft"], ["text", "warn-soft"],
];

/**
 * The variables of both palettes: the system decides until the reader does, with `data-theme` on the root element.
 * Paper is always light.
 */
export function paletteCss() {
  const block = (at) => Object.entries(palette).map(([name, values]) => `--${name}:${values[at]}`).join(";");
  return `:root{color-scheme:light;${block(0)}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme="light"]){color-scheme:dark;${block(1)}}}
@media screen{:root[data-theme="dark"]{color-scheme:dark;${block(1)}}}
`;
}

/** Contrast of two colours, as WCAG defines it. */
export function contrast(one, other) {
  const light = (colour) => {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}
