import { useCallback, useEffect, useRef, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useHttp, useMe } from '../app/context'
import { Button, IconButton } from '../design/Button'
import { cx } from '../design/cx'
import { ErrorNote } from '../design/feedback'
import { inputLook } from '../design/Field'
import { Handed, useHandOver } from './HandOver'
import { isSide, type CallRole, type MessageDoc, type SessionDoc } from './types'

const MOST = 2000 // letters

type Props = { session: string; doc: SessionDoc; role: CallRole | null; messages: readonly MessageDoc[]; onClose?: () => void; className?: string }

/** What is written in a call. Who only listens, or whispers, reads it. */
export function Chat({ session, doc, role, messages, onClose, className }: Props) {
  const { t } = useTranslation()
  const me = useMe().id
  const http = useHttp()
  const [text, setText] = useState('')
  const hand = useHandOver(session)
  const end = useRef<HTMLLIElement>(null)
  const say = useAction(useCallback((body: string, key: string) => http.post(`/v1/sessions/${session}/messages`, { body: { body }, key }).then(() => true), [http, session]))
  useEffect(() => {
    void end.current?.scrollIntoView({ block: 'end' }) // newer browsers answer with a promise, which no effect may
  }, [messages.length])
  const writes = role !== 'observer' && role !== 'whisperer'
  /** Of more than two who write, each is named. */
  const named = ({ by }: MessageDoc) => {
    const p = doc.participants[by]
    if (by === me || (isSide(role) && isSide(p?.role))) return undefined
    return p?.name ?? t(isSide(p?.role) ? `call.supervise.${p.role}` : 'call.supervise.one')
  }
  const submit = async (e: FormEvent) => {
    e.preventDefault()
    const body = text.trim()
    if (body === '' || !(await say.act(body))) return
    setText((now) => (now.trim() === body ? '' : now))
  }
  return (
    <section aria-label={t('call.chat')} className={cx('flex flex-col bg-surface', className)}>
      {onClose && (
        <div className="flex items-center border-b border-edge py-1.5 ps-4 pe-2">
          <h2 className="flex-1 font-bold">{t('call.chat')}</h2>
          <IconButton icon="close" label={t('action.close')} onClick={onClose} />
        </div>
      )}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keys */}
      <div className="min-h-0 flex-1 overflow-y-auto p-4" tabIndex={0} role="log" aria-label={t('call.messages')}>
        {messages.length === 0 && <p className="py-8 text-center text-muted">{t('call.noMessages')}</p>}
        <ul className="mx-auto flex max-w-2xl flex-col gap-2">
          {messages.map((m) => (
            <li key={m.n} className={cx('max-w-[85%] rounded-card px-3.5 py-2 break-words whitespace-pre-wrap', m.by === me ? 'self-end bg-brand text-on-brand' : 'self-start bg-sunken')}>
              {named(m) ? <bdi className="block text-sm font-semibold text-muted">{named(m)}</bdi> : <span className="sr-only">{t(m.by === me ? 'call.you' : 'call.they')}: </span>}
              {m.file ? <Handed m={m} mine={m.by === me} /> : <bdi>{m.body}</bdi>}
            </li>
          ))}
          <li ref={end} aria-hidden="true" />
        </ul>
      </div>
      {writes && <form onSubmit={(e) => void submit(e)} className="flex flex-col gap-2 border-t border-edge p-3">
        {say.error !== null && <ErrorNote error={say.error} />}
        {hand.note}
        <div className="mx-auto flex w-full max-w-2xl items-center gap-2">
          {hand.button}
          <input aria-label={t('call.write')} placeholder={t('call.write')} maxLength={MOST} value={text} onChange={(e) => setText(e.target.value)} className={cx(inputLook, 'min-w-0 flex-1')} dir="auto" />
          <Button kind="primary" size="lg" type="submit" busy={say.busy} disabled={text.trim() === ''}>
            {t('call.send')}
          </Button>
        </div>
      </form>}
    </section>
  )
}
