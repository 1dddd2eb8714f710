// @tus/server with its file store, as its README writes it; file names are the uploader's.
import { createRequire } from "node:module";
import http from "node:http";
import { pathToFileURL } from "node:url";

const [directory, modules] = process.argv.slice(2);
const { resolve } = createRequire(`${modules}/x.js`);
const load = (name) => import(pathToFileURL(resolve(name)));
const { Server } = await load("@tus/server");
const { FileStore } = await load("@tus/file-store");

const tus = new Server({
  path: "/files",
  datastore: new FileStore({ directory }),
  namingFunction: (_request, metadata) => metadata.filename,
});
const server = http.createServer((request, response) => {
  if (request.url === "/light") {
    response.setHeader("Content-Type", "application/json");
    response.end("{}");
  } else {
    tus.handle(request, response);
  }
});
server.listen(0, "127.0.0.1", () => console.log("PORT", server.address().port));
