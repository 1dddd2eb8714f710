/**
 * Every sentence that is shown, a part a widget; a translation replaces this file.
 *
 * Used as `import * as t from "../strings"`: so a bundle holds only the parts that it shows.
 */
import { bytes } from "./format";

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
  unknownJob: "The server does not know this job: jobs are kept for a week.",
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
const filesOf = (count: number): string => (count === 1 ? "1 file" : `${count} files`);
export const picker = {
  list: "Models",
  detail: "The active model",
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
  noModels: "This server knows no models. Registry files in “nodeapi/models.d” add some.",
  installed: "Installed",
  notInstalled: "not installed",
  problem: "Needs a look",
  problems: (problem: string) =>
    ({
      modified: "A file was changed since. Installing again repairs it.",
      missing: "A file is gone. Installing again brings it back.",
      incomplete: "Some files are missing. Installing brings them.",
      checking: "The server is still verifying its files.",
    })[problem] ?? problem,
  id: "Id",
  licence: "Licence",
  size: "Size",
  place: "Place",
  folder: (path: string, files: number) => `${path} (${filesOf(files)})`,
  page: "Model page",
  install: "Install…",
  remove: "Remove…",
  back: "Not now",
  planning: "Asking what this would take…",
  planTitle: (name: string) => `Install ${name}?`,
  planFetch: (size: string, files: number) => `Downloads ${size} in ${filesOf(files)}`,
  planRest: (total: string) => `, the rest of ${total}: an earlier try brought the other bytes`,
  planNothing: "Nothing to download.",
  planUnknown: (files: number) => `Downloads ${filesOf(files)} of unknown size`,
  planReuse: (files: number, size: string) => `Reuses ${filesOf(files)} (${size}) that this machine has already`,
  planFree: (size: string) => `${size} free on the server's disk`,
  planUnverified: "No checksum is known, so nothing can be verified",
  planLicence: (licence: string) => `Licence: ${licence}`,
  planTooSmall: (size: string) => `The disk lacks ${size}, counting its reserve and other downloads. Free some space first.`,
  gated: "You have to accept its licence on the model's page first.",
  start: "Install",
  replace: "Replace what is there",
  removeTitle: (name: string) => `Remove ${name}?`,
  removeWarning: (size: string) => `This deletes its files from the server${size && ` and frees ${size}`}.`,
  removeNow: "Remove",
  removed: (name: string) => `${name} was removed.`,
  removeAnyway: "Delete it all the same",
  kernelGone: "Your choice did not reach the kernel.",
  kernelGoneHint: "Restart the kernel and run the cell again.",
};

// -- Uploader
export const uploader = {
  list: "Files",
  drop: "Drop or paste files, or",
  choose: "Choose files",
  chooseFolder: "Choose a folder",
  tooLarge: (size: number, limit: number) => `The file has ${bytes(size)}; this server takes files of at most ${bytes(limit)}.`,
  tooLargeHint: "Make it smaller, or ask for a higher Uploads.max_file_bytes.",
  unaccepted: (name: string, accept: string) => `${name} was left out: only ${accept} is taken here.`,
  onlyOne: "Only one file is taken here: the first was.",
  unreadable: "The file cannot be read any more: it was changed, moved or deleted.",
  unreadableHint: "Pick it anew.",
  states: {
    queued: "Waiting its turn",
    sending: "Uploading",
    waiting: "Waiting",
    paused: "Paused",
    done: "Uploaded",
    failed: "Failed",
    cancelled: "Cancelled",
    interrupted: "Interrupted",
  },
  again: (name: string, sent: string) => `Pick ${name} again to go on: ${sent} of it are on the server already.`,
  of: (sent: string, size: string) => `${sent} of ${size}`,
  left: (time: string) => `${time} left`,
  total: (done: number, all: number) => (all === 1 ? "" : `${done} of ${all} files`),
  pause: (name: string) => `Pause ${name}`,
  resume: (name: string) => `Go on with ${name}`,
  retry: (name: string) => `Try ${name} again`,
  cancel: (name: string) => `Cancel ${name}`,
  remove: (name: string) => `Take ${name} off the list`,
  pauseAll: "Pause all",
  resumeAll: "Go on",
  clear: "Clear finished",
  done: (name: string) => `${name} is uploaded.`,
  kernelGone: "The kernel does not answer, so it does not know of these files. They are on the server all the same.",
  kernelGoneHint: "Restart the kernel, run the cell again and pick the files again: nothing is sent twice.",
  more: (count: number) => `and ${count} more`,
};
