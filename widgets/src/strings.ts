/**
 * Every sentence that is shown, a part a widget; a translation replaces this file.
 *
 * Used as `import * as t from "../strings"`: so a bundle holds only the parts that it shows.
 */
// -- the way to the server
export const transport = {
  noServer: "There is no Jupyter server with the Node API that this kernel could use.",
  noServerHint:
    "Start Jupyter with jupyter_nodeapi installed, or set JUPYTER_NODEAPI_URL and JUPYTER_NODEAPI_TOKEN before the kernel starts.",
  offline: "The server does not answer. It goes on by itself when the server is back.",
  timeout: "The server has not answered for a while.",
  login: "The server does not know you any more: log in again in another tab, then go on here.",
  refused: (status: number) => `The server refused with status ${status}.`,
  unreachable: "The kernel cannot reach its server.",
  kernelGone: "The kernel does not answer.",
  kernelGoneHint: "Restart it and run the cell again. What was uploaded is kept.",
  kernelBusy: "The kernel is busy, and everything goes through it.",
  kernelBusyHint: "It goes on when the running cell ends.",
};
export const badge = {
  http: "direct",
  httpTitle: "This page talks to the server by itself.",
  comm: "through the kernel",
  commTitle: "This page cannot reach the server by itself, so everything goes through the kernel. That is slower.",
};

// -- jobs: DownloadProgress, and the jobs inside ModelPicker
export const progress = {
  label: "Progress",
  loading: "Looking for downloads…",
  none: "No downloads yet.",
  noJobOf: (id: string) => `No download of “${id}” yet.`,
  unknownJob: "The server does not know this job any more: jobs are kept for a week.",
  failed: "That did not work.",
  together: (count: number) => `${count} downloads at once.`,
  of: (done: string, total: string) => `${done} of ${total}`,
  left: (time: string) => `${time} left`,
  again: (why: string, time: string) => `${why} The next try begins in ${time}.`,
  files: (done: number, all: number) => `${done} of ${all} files are here`,
  states: {
    queued: "Waiting",
    running: "Running",
    waiting_retry: "Trying again soon",
    paused: "Paused",
    cancelled: "Cancelled",
    error: "Failed",
    completed: "Done",
  },
  stages: {
    resolving: "Looking up files",
    downloading: "Downloading",
    verifying: "Verifying",
    installing: "Installing",
  },
  verbs: { pause: "Pause", resume: "Resume", cancel: "Cancel", retry: "Try again" },
};

// -- ModelPicker
export const picker = {
  list: "Models",
  detail: "The model and what can be done with it",
  search: "Search models",
  searchHint: "Search by name, category or tag",
  category: "Category",
  allCategories: "All categories",
  installedOnly: "Installed only",
  loading: "Loading models…",
  count: (total: number) => (total === 1 ? "1 model" : `${total.toLocaleString()} models`),
  chosen: (name: string) => `${name} chosen`,
  notChosen: (name: string) => `${name} no longer chosen`,
  chosenNames: (names: string) => `Chosen: ${names}`,
  nothingFound: "No model matches. Try fewer words, or another category.",
  noModels: "This server knows no models. A registry file in “nodeapi/models.d” adds some.",
  installed: "Installed",
  notInstalled: "not installed",
  problem: "Needs a look",
  problems: (problem: string) =>
    ({
      modified: "A file of this model was changed since it was installed. Installing it again repairs it.",
      missing: "A file of this model is gone. Installing it again brings it back.",
      incomplete: "Only some files of this model are here. Installing it brings the rest.",
      checking: "The server is still reading this model's files to verify them.",
    })[problem] ?? `The server reports a problem: ${problem}.`,
  id: "Id",
  licence: "Licence",
  size: "Size",
  place: "Place",
  folder: (path: string, files: number) => `${path} (${files} files)`,
  page: "Model page",
  install: "Install…",
  remove: "Remove…",
  back: "Not now",
  planning: "Asking what this would take…",
  planTitle: (name: string) => `Install ${name}?`,
  planFetch: (size: string, files: number) => `Downloads ${size} in ${files === 1 ? "1 file" : `${files} files`}`,
  planRest: (total: string) => `, the rest of ${total}: the other bytes are here from an earlier try`,
  planNothing: "Nothing to download.",
  planUnknown: (files: number) => `Downloads ${files === 1 ? "1 file" : `${files} files`}; the size is not known in advance`,
  planReuse: (files: number, size: string) => `Reuses ${files === 1 ? "1 file" : `${files} files`} (${size}) that this machine has already`,
  planFree: (size: string) => `${size} free on the server's disk`,
  planUnverified: "No checksum is known: the files cannot be verified",
  planLicence: (licence: string) => `Licence: ${licence}`,
  planTooSmall: (size: string) => `The disk is too small by ${size}, counting its reserve and downloads under way. Free some space first.`,
  gated: "Its authors ask you to accept a licence on the model's page first.",
  start: "Install",
  replace: "Replace what is there",
  removeTitle: (name: string) => `Remove ${name}?`,
  removeWarning: (size: string) => (size ? `This deletes its files from the server and frees ${size}.` : "This deletes its files from the server."),
  removeNow: "Remove",
  removed: (name: string) => `${name} was removed.`,
  removeAnyway: "Delete it all the same",
  kernelGone: "The kernel does not answer, so your choice did not reach it.",
  kernelGoneHint: "Restart the kernel and run the cell again.",
};
