/**
 * Line icons on a grid of 16, as paths; each is decoration, the button's label says what it does.
 *
 * Used as `import * as icons from "../icons"`: so a bundle holds only those that it draws.
 */
export const pause = "M5.5 3v10M10.5 3v10";
export const play = "M5 3l8 5-8 5z";
export const cancel = "M4 4l8 8M12 4l-8 8";
export const retry = "M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.8h-2.8";
export const done = "M3 8.5l3.2 3.2L13 4.8";
export const upload = "M8 11V3M4.5 6.2L8 2.8l3.5 3.4M3 13h10";
export const download = "M8 3v8M4.5 7.8L8 11.2l3.5-3.4M3 13.5h10";
export const folder = "M2 4.5v8h12v-6.5H8l-1.5-1.5z";
export const file = "M4 2h5l3 3v9H4zM9 2v3h3";
export const warning = "M8 2.5l6 11H2zM8 6.5v3M8 11.4v.1";
export const loop = "M11 2l2.5 2.5L11 7M2.5 8V7A2.5 2.5 0 0 1 5 4.5h8.5M5 14l-2.5-2.5L5 9M13.5 8v1A2.5 2.5 0 0 1 11 11.5H2.5";
export const scissors = "M5 5a1.8 1.8 0 1 1-3.6 0A1.8 1.8 0 0 1 5 5zM5 11a1.8 1.8 0 1 1-3.6 0A1.8 1.8 0 0 1 5 11zM4.6 6l9 5.5M4.6 10l9-5.5";
export const zoomIn = "M11 7A4 4 0 1 1 3 7a4 4 0 0 1 8 0zM10 10l3.5 3.5M7 5.2v3.6M5.2 7h3.6";
export const zoomOut = "M11 7A4 4 0 1 1 3 7a4 4 0 0 1 8 0zM10 10l3.5 3.5M5.2 7h3.6";

/** Make an element of a drawing. */
function shape(tag: string, attributes: Record<string, string>, ...children: Node[]): Element {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const name in attributes) element.setAttribute(name, attributes[name] as string);
  element.append(...children);
  return element;
}

/** Draw one of them. */
export const draw = (d: string): Element =>
  shape("svg", { class: "na-icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, shape("path", { d }));
