/** What installing a model would take, as sentences. */
import { bytes } from "../format";
import * as t from "../strings";

/** The reply of `GET /api/models/plan/{id}`. */
export interface Plan {
  id: string;
  installed: boolean;
  gated: boolean;
  license: string;
  revision: string | null;
  files: { path: string; size: number | null; verified_by: string | null; action: string }[];
  total_bytes: number | null;
  download_bytes: number | null;
  free_bytes: number;
  enough_space: boolean | null;
}

/** Give the sentences of a plan: what is fetched, what is here already, what the disk says, what the licence is. */
export function sentences(plan: Plan): string[] {
  const said = [moved(plan)];
  const reused = plan.files.filter((file) => file.action === "reuse");
  if (reused.length && !plan.installed) {
    said.push(t.picker.planReuse(reused.length, bytes(reused.reduce((sum, file) => sum + (file.size ?? 0), 0))));
  }
  said.push(t.picker.planFree(bytes(plan.free_bytes)));
  if (plan.files.some((file) => file.action === "fetch" && !file.verified_by)) said.push(t.picker.planUnverified);
  if (plan.license) said.push(t.picker.planLicence(plan.license));
  return said;
}

function moved(plan: Plan): string {
  const fetched = plan.files.filter((file) => file.action === "fetch").length;
  if (plan.download_bytes === 0) return t.picker.planNothing;
  if (plan.download_bytes === null) return t.picker.planUnknown(fetched);
  const kept = (plan.total_bytes ?? 0) - plan.download_bytes;
  const part = kept > 0 && fetched === plan.files.length ? t.picker.planRest(bytes(plan.total_bytes ?? 0)) : "";
  return t.picker.planFetch(bytes(plan.download_bytes), fetched) + part;
}

/** Give by how many bytes the disk is too small; 0 when it is not, or nobody knows. */
export function lacking(plan: Plan): number {
  if (plan.enough_space !== false) return 0;
  return Math.max((plan.download_bytes ?? 0) - plan.free_bytes, 1);
}
