import type { Http } from '../api/http'
import type { Page } from '../api/types'

const most = 50 // pages: what is longer is not a list to choose from

/** A list to its end, page after page. */
export async function wholeList<T>(http: Http, path: string, signal: AbortSignal): Promise<{ items: T[] }> {
  const items: T[] = []
  for (let n = 0, cursor = ''; n < most; n++) {
    const page = await http.get<Page<T>>(path, { query: { limit: 200, cursor }, signal })
    items.push(...page.items)
    if (!page.next) break
    cursor = page.next
  }
  return { items }
}
