// What esbuild puts in the place of the names in SHORTENED of build.mjs: each becomes a variable, and that a letter.
const [maths, json, objects] = [Math, JSON, Object];
export const $Math_ceil = maths.ceil;
export const $Math_floor = maths.floor;
export const $Math_max = maths.max;
export const $Math_min = maths.min;
export const $JSON_parse = json.parse;
export const $JSON_stringify = json.stringify;
export const $Object_entries = objects.entries;
export const $clearTimeout = globalThis.clearTimeout;
export const $setTimeout = globalThis.setTimeout;
