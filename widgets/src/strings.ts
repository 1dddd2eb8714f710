/**
 * Every sentence that is shown, a part a widget; a translation replaces this file.
 *
 * Used as `import * as t from "../strings"`: so a bundle holds only the parts that it shows.
 */
import { bytes } from "./format";

// -- the way to the server
export const transport = {
  noServer: "This kernel has no Jupyter server with the Node API.",
  offline: "The server does not answer. This goes on when it is back.",
  login: "You are logged out: log in again in another tab, then go on here.",
  refused: (status: number) => `The server refused with status ${status}.`,
  unreachable: "The kernel cannot reach its server.",
  kernelGone: "The kernel does not answer: it was restarted or has ended.",
  kernelGoneHint: "To go on, run the cell again: nothing on the server is lost.",
  kernelBusy: "The kernel is busy, and everything goes through it.",
  kernelBusyHint: "It goes on when the running cell ends.",
};
export const badge = {
  http: "direct",
  httpTitle: "This page talks to the server by itself.",
  comm: "through the kernel",
  commTitle: "This page cannot reach the server: all goes through the kernel, which is slower.",
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
};
export const jobStates = {
  queued: "Waiting",
  running: "Running",
  waiting_retry: "Trying again soon",
  paused: "Paused",
  cancelled: "Cancelled",
  error: "Failed",
  completed: "Done",
};
export const jobStages: Record<string, string> = {
  resolving: "Looking up files",
  downloading: "Downloading",
  verifying: "Verifying",
  installing: "Installing",
};
export const jobVerbs = { pause: "Pause", resume: "Resume", cancel: "Cancel", retry: "Try again" };

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
  planNothing: "Nothing to download",
  planUnknown: (files: number) => `Downloads ${filesOf(files)} of unknown size`,
  planReuse: (files: number, size: string) => `Reuses ${filesOf(files)} (${size}) that this machine has already`,
  planFree: (size: string) => `${size} free on the server's disk`,
  planUnverified: "No checksum is known: nothing can be verified",
  planUnsafe: "The Hub's scanners call it unsafe",
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
};

export const modelProblems: Record<string, string> = {
  modified: "A file was changed since. Installing again repairs it.",
  missing: "A file is gone. Installing again brings it back.",
  incomplete: "Some files are missing. Installing brings them.",
  checking: "The server is still verifying its files.",
};

// -- Uploader
export const uploader = {
  list: "Files",
  drop: "Drop or paste files, or",
  choose: "Choose files",
  chooseFolder: "Choose a folder",
  tooLarge: (size: number, limit: number) => `The file has ${bytes(size)}; this server takes files of at most ${bytes(limit)}.`,
  tooLargeHint: "Make it smaller, or raise Uploads.max_file_bytes.",
  unaccepted: (name: string, accept: string) => `${name} is left out: only ${accept} is taken here.`,
  onlyOne: "Only one file is taken here, the first.",
  unreadable: "The file cannot be read: it was changed, moved or deleted.",
  unreadableHint: "Pick it anew.",
  again: (name: string, sent: number) => `Pick ${name} again to go on${sent ? `: ${bytes(sent)} are on the server already` : ""}.`,
  of: (sent: string, size: string) => `${sent} of ${size}`,
  left: (time: string) => `${time} left`,
  total: (done: number, all: number) => (all === 1 ? "" : `${done} of ${all} files`),
  pauseAll: "Pause all",
  resumeAll: "Go on",
  clear: "Clear finished",
  done: (name: string) => `${name} is uploaded.`,
  kernelGoneHint: "To go on, run the cell again and pick the files again: nothing is sent twice.",
  more: (count: number) => `and ${count} more`,
};
export const uploadStates = {
  queued: "Waiting its turn",
  sending: "Uploading",
  waiting: "Waiting",
  paused: "Paused",
  done: "Uploaded",
  failed: "Failed",
  cancelled: "Cancelled",
  interrupted: "Interrupted",
};
export const uploadActs = {
  pause: (name: string) => `Pause ${name}`,
  resume: (name: string) => `Go on with ${name}`,
  retry: (name: string) => `Try ${name} again`,
  cancel: (name: string) => `Cancel ${name}`,
  remove: (name: string) => `Take ${name} off the list`,
};

// -- AudioTrimmer
export const trimmer = {
  drop: "Drop a sound here, or",
  choose: "Choose a sound",
  other: "Another sound",
  sending: (name: string, sent: string, size: string) => `${name}: ${sent} of ${size}`,
  region: "What is kept",
  first: "Start",
  last: "End",
  length: "Length",
  noTime: "Type a time: 1:02:03.5 or 3.25.",
  outside: "Start comes before End, in the sound.",
  play: "Play what will be saved",
  pause: "Pause",
  loop: "Loop",
  zoomIn: "Zoom in",
  zoomOut: "Zoom out",
  fit: "Show all",
  fitRegion: "Show what is kept",
  view: "Listen and look",
  format: "Format",
  formats: [
    ["same", "As it is"],
    ["wav", "WAV"],
    ["flac", "FLAC"],
    ["mp3", "MP3"],
    ["m4a", "M4A"],
    ["ogg", "Ogg Vorbis"],
    ["opus", "Opus"],
  ] as const,
  fadeIn: "Fade in (s)",
  fadeOut: "Fade out (s)",
  loudness: "Loudness",
  loudnesses: [
    ["", "As it is"],
    ["peak", "Full peak"],
    ["-14", "−14 LUFS (music)"],
    ["-16", "−16 LUFS (podcast)"],
    ["-23", "−23 LUFS (radio)"],
  ] as const,
  save: "Save the cut",
  cancel: "Cancel",
  saving: "Cutting…",
  preparing: "Preparing the sound…",
  saved: (length: string) => `Saved: ${length}.`,
  cancelled: "Cancelled; nothing was saved.",
  unknownLength: "This sound has no known length.",
  sparse: "A first look; the exact one is being drawn.",
  rate: (hertz: number) => `${+(hertz / 1000).toFixed(3)} kHz`,
  channels: (count: number) => (count === 1 ? "mono" : count === 2 ? "stereo" : `${count} channels`),
  methods: (method: string) => ({ slice: "copied", reencode: "encoded again" })[method] ?? (method.includes("copy") ? "copied" : method),
  exact: "exact to the sample",
  inexact: "not exact to the sample",
  lossless: "nothing lost",
  lossy: "encoded with loss",
  clamped: "ends where the sound ends",
  listen: (name: string) => `Listen to ${name}`,
  download: "Download",
  truths: "How it was made",
};
