/**
 * Uploader: pick, drop or paste files; they arrive whole, whatever happens on the way.
 *
 *     session (one a widget and page)   the engine, what is remembered, the traits
 *     views (any number)                zone, list, foot: drawn from the session
 */
import type { AnyModel, RenderProps } from "../anywidget";
import { Session } from "./session";
import { view } from "./view";

export default function uploader(): object {
  let session: Session | undefined;
  return {
    initialize({ model }: { model: AnyModel }) {
      const own = (session = new Session(model));
      return () => own.end();
    },
    render({ model, el }: RenderProps) {
      return view((session ??= new Session(model)), el);
    },
  };
}
