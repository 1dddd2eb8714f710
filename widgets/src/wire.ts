// Made by docs/reference/typescript.py from openapi.json; change the schemas, then `make docs`.

/** The reply of `/api/nodeapi`. */
export interface AboutReply {
  version: string;
  capabilities: string[];
  limits: Record<string, number | null>;
  ffmpeg: FFmpegReply;
  disk: DiskReply;
  registry: RegistryReply;
  sharing: SharingReply[];
}

/** The upload is given up. */
export interface CancelReply {
  success: boolean;
  cancelled: boolean;
}

/** The answer to a chunk; with the file's path once the set is complete. */
export interface ChunkReply {
  success: boolean;
  completed: boolean;
  chunkIndex: number;
  receivedChunks: number;
  totalChunks: number;
  receivedBytes: number;
  filePath?: string;
  size?: number;
}

/** Advice for uploaders; sizes in bytes, `null` is no limit; `serverId` is made once per process. */
export interface ConfigReply {
  /** Random, made once per process. Another one than before: the server was started again; unfinished uploads survive that, so ask how far they are. */
  serverId: string;
  chunkSize: number;
  parallel: number;
  maxChunkSize: number;
  maxFileSize: number | null;
  maxChunks: number;
  sessionQuota: number | null;
  totalQuota: number | null;
  partialTtlSeconds: number;
  tusUrl: string;
  permanentErrors: number[];
  /** A session of the user's own, for clients that have no reason for another. */
  defaultSession: string;
}

/** Free bytes under the data folder, and how many of them are never used up. */
export interface DiskReply {
  free: number;
  reserve: number;
}

/** It is done; `path` is where the thing is, or was. */
export interface DoneReply {
  path: string;
  success?: boolean;
}

/** What every refusal answers. */
export interface ErrorReply {
  code: string;
  message: string;
  hint?: string | null;
  retryable?: boolean;
  requestId?: string;
}

/** Whether FFmpeg is there; never where. */
export interface FFmpegReply {
  found: boolean;
  source?: string | null;
  version?: string | null;
  hint?: string | null;
}

/** One file or folder of a listing; a folder has no size. */
export interface FileItem {
  name: string;
  path: string;
  type: "directory" | "file";
  size: number | null;
  modified: number;
}

/** Which folder to make; its parents are made too. */
export interface FolderRequest {
  path: string;
}

/** What a sound is. */
export interface InfoReply {
  filePath: string;
  format: string;
  codec: string;
  duration: number | null;
  durationExact: boolean;
  frames: number | null;
  sampleRate: number;
  channels: number;
  bitDepth: number | null;
  bitrate: number | null;
  lossless: boolean;
  size: number;
  tags: Record<string, string>;
}

/** Everything about a job, as the status route tells it. */
export interface JobStatus {
  status: "completed" | "error" | "running";
  progress: number;
  message: string;
  job_id: string;
  kind: string;
  model_id: string | null;
  subject: string;
  state: "cancelled" | "completed" | "error" | "paused" | "queued" | "running" | "waiting_retry";
  stage: string | null;
  code: string | null;
  hint: string | null;
  bytes: number;
  total_bytes: number | null;
  speed_bps: number;
  eta_s: number | null;
  attempt: number;
  retry_at: number | null;
  time: number;
  files: Record<string, unknown>[];
  result: Record<string, unknown> | null;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
}

/** A target of integrated loudness. */
export interface Loudness {
  lufs: number;
}

/** One row of `GET /api/models/{category}`. */
export interface ModelFile {
  name: string;
  path: string;
}

/** One row of `GET /api/models`. */
export interface ModelItem {
  id: string;
  name: string;
  category: string;
  source: SourceItem;
  installed: boolean;
  verified?: boolean | null;
  problem?: string | null;
  description?: string;
  license?: string;
  homepage?: string;
  tags?: string[];
  size?: number | null;
  files?: string[];
}

/** What to move or copy where. */
export interface MoveRequest {
  from: string;
  to: string;
  overwrite?: boolean;
}

/** A file of no known model; `model_id` names one that was installed and that no registry knows now. */
export interface Orphan {
  path: string;
  size: number;
  modified: number;
  model_id?: string | null;
}

/** Lowest and highest sample of each column over all channels, in [-1, 1]. */
export interface PeaksReply {
  sampleRate: number;
  start: number;
  end: number;
  bins: number;
  quality: string;
  min: number[];
  max: number[];
}

/** One file of a plan; `action` is keep, reuse or fetch; `unsafe` is what the Hub's scanners say. */
export interface PlanFile {
  path: string;
  size: number | null;
  verified_by: string | null;
  action: string;
  unsafe: boolean;
}

/** What an installation would do, before anything moves. */
export interface PlanReply {
  id: string;
  installed: boolean;
  gated: boolean;
  license: string;
  revision: string | null;
  files: PlanFile[];
  total_bytes: number | null;
  download_bytes: number | null;
  free_bytes: number;
  enough_space: boolean | null;
}

/** The mirror of a save. */
export interface ReadReply {
  path: string;
  content: unknown;
  size: number;
  modified: number;
  etag: string;
  success?: boolean;
}

/** How many models are known, and what is wrong with those that are not. */
export interface RegistryReply {
  models: number;
  diagnostics: Record<string, unknown>[];
}

/** One asked-for model: the registry entries that answer to it, and whether one is installed. */
export interface ResolveItem {
  asked: string;
  ids: string[];
  installed: boolean;
}

/** Which of the asked-for models are here, can be fetched, or are known to no registry. */
export interface ResolveReply {
  installed: ResolveItem[];
  missing: ResolveItem[];
  unknown: string[];
}

/** Models that a workflow needs, by id or by name (an alias or file name counts). */
export interface ResolveRequest {
  ids?: string[];
  names?: string[];
}

/** Which earlier state becomes the current one again. */
export interface RestoreRequest {
  path: string;
  version: string;
}

/** What is there now. */
export interface SaveReply {
  path: string;
  size: number;
  etag: string;
  success?: boolean;
}

/** What to save where; `content` is any JSON value. */
export interface SaveRequest {
  path: string;
  content: unknown;
  overwrite?: boolean;
}

/** What keeps some users of a shared models folder from installing; the command against it names paths. */
export interface SharingReply {
  message: string;
  hint?: string;
}

/** The source as a client sees it, without anything of the server in it. */
export interface SourceItem {
  type: string;
  url: string;
  revision?: string | null;
  gated?: boolean;
}

/** The job that installs the model. */
export interface StartReply {
  job_id: string;
}

/** How far an upload is; ranges are inclusive. */
export interface StatusReply {
  success: boolean;
  completed: boolean;
  totalChunks: number;
  received: [number, number][];
  missing: [number, number][];
  size: number;
  chunkSize?: number;
  totalSize?: number;
  filePath?: string;
  /** When an unfinished upload expires, in seconds since the epoch; more bytes put it off. */
  expiresAt?: number;
}

/** A finished cut; what is beyond `success` and `filePath` tells what was done, truly. */
export interface TrimReply {
  success?: boolean;
  filePath: string;
  duration: number;
  start: number;
  end: number;
  sampleRate: number;
  channels: number;
  format: string;
  size: number;
  method: string;
  exact: boolean;
  lossless: boolean;
  clamped: boolean;
  sourceDuration: number | null;
}

/** A cut to make. */
export interface TrimRequest {
  filePath: string;
  start?: number | string;
  end?: number | string | null;
  sessionId?: string;
  format?: "flac" | "m4a" | "mp3" | "ogg" | "opus" | "same" | "wav";
  mode?: "auto" | "copy" | "reencode";
  bitrate?: number | null;
  sampleRate?: number | null;
  channels?: number | null;
  fadeIn?: number;
  fadeOut?: number;
  normalize?: "peak" | boolean | Loudness;
  background?: boolean;
}

/** A cut that goes on in the background, on `/api/downloads/status/<job_id>`. */
export interface TrimStarted {
  success?: boolean;
  job_id: string;
}

/** What was removed and what was left alone. */
export interface UninstallReply {
  success: boolean;
  id: string;
  removed: string[];
  kept: string[];
}

/** One file that lies under `/temp/uploads`, or will. */
export interface UploadItem {
  filePath: string;
  completed: boolean;
  size: number;
  modified: number;
}

/** One file after it was read again; `state` is ok, modified, missing or unknown. */
export interface VerifiedFile {
  path: string;
  state: string;
  size?: number | null;
  sha256?: string | null;
}

/** The outcome of reading every byte of a model again. */
export interface VerifyReply {
  id: string;
  installed: boolean;
  verified: boolean;
  problem: string | null;
  files: VerifiedFile[];
}

/** One earlier state of a file; `replaced` is when it stopped being the current one. */
export interface VersionItem {
  version: string;
  size: number;
  modified: number;
  replaced: number;
  etag: string;
}
