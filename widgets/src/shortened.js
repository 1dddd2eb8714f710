// What esbuild puts in the place of the names in SHORTENED of build.mjs: each becomes a variable, and that a letter.
const [maths, json, objects, dates, page] = [Math, JSON, Object, Date, globalThis];
export const $Math_ceil = maths.ceil;
export const $Math_floor = maths.floor;
export const $Math_max = maths.max;
export const $Math_min = maths.min;
export const $Math_round = maths.round;
export const $JSON_parse = json.parse;
export const $JSON_stringify = json.stringify;
export const $Object_entries = objects.entries;
export const $clearTimeout = page.clearTimeout;
export const $setTimeout = page.setTimeout;
export const $Date_now = dates.now;
export const $encodeURIComponent = page.encodeURIComponent;
export const $document = page.document;
export const $Promise = page.Promise;
export const $AbortController = page.AbortController;
export const $URLSearchParams = page.URLSearchParams;
