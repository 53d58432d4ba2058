/** Any JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
/** A JSON object: an entity's document in one channel. Documents hold no null; absent means absent. */
export type Doc = { [key: string]: Json }

const isObject = (x: Json | undefined): x is Doc => typeof x === 'object' && x !== null && !Array.isArray(x)

/**
 * RFC 7396 JSON Merge Patch. Never changes `target`; parts that the patch does not name keep their identity,
 * so a screen can tell by reference what changed.
 */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch
  const base: Doc = isObject(target) ? target : {}
  const out: Doc = { ...base }
  for (const key of Object.keys(patch)) {
    const value = patch[key] as Json
    // A key named __proto__ is data like any other: plain assignment would set the prototype instead.
    if (value === null) Reflect.deleteProperty(out, key)
    else put(out, key, mergePatch(Object.hasOwn(base, key) ? base[key] : undefined, value))
  }
  return out
}

function put(into: Doc, key: string, value: Json) {
  Object.defineProperty(into, key, { value, writable: true, enumerable: true, configurable: true })
}
