import { useCallback, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Problem } from '../api/problem'
import { useAction } from '../app/action'
import { useFormats, useHttp } from '../app/context'
import { IconButton } from '../design/Button'
import { cx } from '../design/cx'
import { ErrorNote } from '../design/feedback'
import { Icon } from '../design/icons'
import type { MessageDoc } from './types'

const LARGEST = 25 << 20
const PATIENCE_MS = 5 * 60_000 // 25 MiB take a while on 3G
const taken = 'image/png,image/jpeg,image/gif,image/webp,application/pdf,text/plain,application/zip,.docx,.xlsx,.pptx,.odt,.ods'

type Wish = { name: string; size: number; changed: number; file: File } // a file alone looks like any other to useAction

/** Hands a file to whoever takes part. `button` opens the device's files, `note` says why it came to nothing. */
export function useHandOver(session: string) {
  const { t } = useTranslation()
  const http = useHttp()
  const input = useRef<HTMLInputElement>(null)
  const { act, busy, error } = useAction(
    useCallback(
      async ({ file, name }: Wish, key: string) => {
        if (file.size > LARGEST) throw new Problem({ status: 413, code: 'file_too_large', detail: t('call.file.tooLarge') })
        await http.post(`/v1/sessions/${session}/files`, { query: { name }, body: file, key, timeoutMs: PATIENCE_MS })
        return true
      },
      [http, session, t],
    ),
  )
  const choose = (file: File | undefined) => {
    if (file) void act({ name: file.name.slice(-120), size: file.size, changed: file.lastModified, file })
    if (input.current) input.current.value = '' // the same file may be chosen again
  }
  return {
    button: (
      <>
        <input ref={input} type="file" accept={taken} className="sr-only" tabIndex={-1} aria-hidden="true" data-testid="file" onChange={(e) => choose(e.target.files?.[0])} />
        <IconButton icon="upload" label={t(busy ? 'call.file.sending' : 'call.file.send')} aria-busy={busy} disabled={busy} className={cx('shrink-0', busy && 'animate-breathe')} onClick={() => input.current?.click()} />
      </>
    ),
    note: error !== null && <ErrorNote error={error} />,
  }
}

/** A file that somebody handed over: a link of some minutes is asked for when it is wanted. */
export function Handed({ m, mine }: { m: MessageDoc; mine: boolean }) {
  const { t } = useTranslation()
  const f = useFormats()
  const http = useHttp()
  const fetch = useAction(
    useCallback(
      async (n: number) => {
        const { url } = await http.get<{ url: string }>(`/v1/sessions/${m.session}/files/${n}`)
        const a = document.createElement('a')
        a.href = url
        a.download = m.body
        a.click()
        return true
      },
      [http, m.session, m.body],
    ),
  )
  return (
    <>
      <button type="button" disabled={fetch.busy} onClick={() => void fetch.act(m.n)} className="flex min-h-11 max-w-full items-center gap-3 text-start">
        <Icon name={m.file?.kind.startsWith('image/') ? 'eye' : 'list'} className="shrink-0" />
        <span className="min-w-0">
          <bdi className="block truncate font-semibold underline">{m.body}</bdi>
          <span className={cx('figures block text-sm', mine ? 'text-on-brand' : 'text-muted')}>{t('call.file.size', { n: f.n(Math.max(1, Math.round((m.file?.size ?? 0) / 1024))) })}</span>
        </span>
      </button>
      {fetch.error !== null && <ErrorNote className="mt-2" error={fetch.error} />}
    </>
  )
}
