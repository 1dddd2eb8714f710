// One self-contained script and style sheet a widget, into the Python package.
//
//     src/<widget>/index.ts        -->  jupyter_nodeapi_widgets/static/<widget>.js
//     src/<widget>/<widget>.css    -->  jupyter_nodeapi_widgets/static/<widget>.css
//
// A script that has grown above its limit fails the build: people wait for it in every notebook.
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { context } from "esbuild";
import { minify } from "terser";

const STATIC = "jupyter_nodeapi_widgets/static";
const LIMIT = 24_000; // bytes, minified
const LIMITS = { audio_trimmer: 32_000 };
// names of the page that are used often; src/shortened.js has them all
const SHORTENED = [
  ...["Math.ceil", "Math.floor", "Math.max", "Math.min", "Math.round", "JSON.parse", "JSON.stringify"],
  ...["Object.entries", "Date.now", "clearTimeout", "setTimeout", "encodeURIComponent", "document"],
  ...["Promise", "AbortController", "URLSearchParams", "decodeURIComponent"],
];

const widgets = readdirSync("src").filter((name) => existsSync(`src/${name}/${name}.css`));
const builder = await context({
  entryPoints: widgets.flatMap((name) => [
    { in: `src/${name}/index.ts`, out: name },
    { in: `src/${name}/${name}.css`, out: name },
  ]),
  outdir: STATIC,
  inject: ["src/shortened.js"],
  define: Object.fromEntries(SHORTENED.map((name) => [name, `$${name.replace(".", "_")}`])),
  bundle: true,
  minifySyntax: true,
  minifyWhitespace: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  logLevel: "warning",
});

if (process.argv.includes("--watch")) {
  await builder.watch();
} else {
  await builder.rebuild();
  await builder.dispose();
  for (const name of widgets) {
    // esbuild simplifies; terser rewrites and renames, which takes another tenth off
    const compress = { passes: 3, pure_getters: true, unsafe_arrows: true };
    const options = { module: true, ecma: 2022, compress };
    const { code } = await minify(readFileSync(`${STATIC}/${name}.js`, "utf8"), options);
    writeFileSync(`${STATIC}/${name}.js`, code);
  }
  const grown = widgets.filter((name) => {
    const size = statSync(`${STATIC}/${name}.js`).size;
    const limit = LIMITS[name] ?? LIMIT;
    console.log(`${name}.js ${size} of ${limit} bytes${size > limit ? ": too large" : ""}`);
    return size > limit;
  });
  if (grown.length) {
    console.error(`Too large: ${grown.join(", ")}`);
    process.exitCode = 1;
  }
}
