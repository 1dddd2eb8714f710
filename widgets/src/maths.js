// What esbuild puts in the place of `Math.max` and its like: one name, which is shortened, for each that a script uses.
const maths = Math;
export const $ceil = maths.ceil;
export const $floor = maths.floor;
export const $max = maths.max;
export const $min = maths.min;
