/** What installing a model would take, as sentences. */
import { bytes } from "../format";
import * as t from "../strings";
import type { PlanReply } from "../wire";

/** Give the sentences of a plan: what is fetched, what is here already, what the disk says, what the licence is. */
export function sentences(plan: PlanReply): string[] {
  const { files, installed, license } = plan;
  const said = [moved(plan), t.picker.planFree(bytes(plan.free_bytes))];
  const reused = files.filter(({ action }) => action === "reuse");
  if (reused.length && !installed) {
    said.splice(1, 0, t.picker.planReuse(reused.length, bytes(reused.reduce((sum, { size }) => sum + (size ?? 0), 0))));
  }
  if (files.some(({ action, verified_by }) => action === "fetch" && !verified_by)) said.push(t.picker.planUnverified);
  if (files.some(({ unsafe }) => unsafe)) said.push(t.picker.planUnsafe);
  if (license) said.push(t.picker.planLicence(license));
  return said;
}

function moved({ files, download_bytes: missing, total_bytes }: PlanReply): string {
  const fetched = files.filter(({ action }) => action === "fetch").length;
  const all = total_bytes ?? 0;
  if (missing === 0) return t.picker.planNothing;
  if (missing === null) return t.picker.planUnknown(fetched);
  const rest = all > missing && fetched === files.length ? t.picker.planRest(bytes(all)) : "";
  return t.picker.planFetch(bytes(missing), fetched) + rest;
}

/** Give by how many bytes the disk is too small; 0 when it is not, or nobody knows. */
export const lacking = ({ enough_space, download_bytes, free_bytes }: PlanReply): number =>
  enough_space === false ? Math.max((download_bytes ?? 0) - free_bytes, 1) : 0;
