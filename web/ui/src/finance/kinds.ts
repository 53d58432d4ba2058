import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'

export type Of = 'journal' | 'event' | 'act' | 'reason' | 'moved' | 'subject' | 'problem'

/** What a kind is called in the messages: kinds hold dots, spaces and other signs. */
export const keyOf = (kind: string) => kind.toLowerCase().replace(/[^a-z0-9]+/g, '_')

/** The words for what the server names by a code. What has none (a gateway's newest event, say) is named as another one. */
export function useKinds(): (of: Of, kind: string) => string {
  const { t, i18n } = useTranslation()
  return useCallback((of, kind) => (i18n.exists(`kinds.${of}.${keyOf(kind)}`) ? t(`kinds.${of}.${keyOf(kind)}` as 'kinds.journal.other') : t(`kinds.${of}.other`, { defaultValue: kind })), [t, i18n])
}

/** What went wrong, in the server's own words where it has some. */
export function problemOf(say: (of: Of, kind: string) => string, x: { problem?: string; said?: string }): string {
  if (!x.problem) return ''
  if (x.said) return x.said
  return say('problem', x.problem.startsWith('the gateway does not have this') ? 'the gateway does not have this' : x.problem)
}

/** Why something was asked: the server's own reasons in words, a person's as they were written. */
export function reasonOf(say: (of: Of, kind: string) => string, has: (key: string) => boolean, why: string): string {
  if (/^case\/[0-9a-f-]{36}$/.test(why)) return say('reason', 'case')
  const own = why.split(':')[0] ?? why
  return has(`kinds.reason.${keyOf(own)}`) ? say('reason', own) : why
}
