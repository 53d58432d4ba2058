import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import type { CallProps } from '.'
import { can, useMe } from '../app/context'
import { Button } from '../design/Button'
import { Empty, Loading, Skeleton } from '../design/feedback'
import { Chat } from './Chat'
import { Controls } from './Controls'
import { EndSheet } from './EndSheet'
import { MeterBar } from './MeterBar'
import { Notices } from './Notices'
import { Pair } from './Pair'
import { Stage } from './Stage'
import { SuperviseBar } from './SuperviseBar'
import { TransferSheet } from './Transfer'
import { isOpen, isSide, isTalking, type SessionDoc } from './types'
import { useCall } from './useCall'
import { useSession } from './useSession'

/** The call, over everything else in the window. */
export default function CallPage({ session, onOver, onLeave, home }: CallProps) {
  const { t } = useTranslation()
  const me = useMe()
  const call = useCall(session)
  const { doc, messages } = useSession(session)
  const [chat, setChat] = useState(false)
  const [ending, setEnding] = useState(false)
  const [handing, setHanding] = useState(false)
  const [read, setRead] = useState(0)
  const over = call?.view.phase === 'over'
  useEffect(() => {
    if (over) onOver?.()
  }, [over, onOver])
  const texts = doc?.modality === 'chat'
  const role = call?.view.role ?? null
  const second = role === 'second'
  const supervises = role !== null && !isSide(role) && !second
  const mayHand = doc !== undefined && (role === 'expert' || (supervises && can(me, 'session.barge'))) && isTalking(doc.state) && !isOpen(doc.transfer) && !isOpen(doc.second)
  const open = chat || texts
  const newest = messages.at(-1)?.n ?? 0
  useEffect(() => {
    if (open) setRead(newest)
  }, [open, newest])
  const phase = call?.view.phase ?? 'joining'
  const bar = (d: SessionDoc, c: NonNullable<typeof call>) => ({ doc: d, ...c, chat: open, unread: open ? 0 : messages.filter((m) => m.n > read).length, onChat: () => setChat((x) => !x) })
  return (
    <div className="fixed inset-0 z-40 flex flex-col bg-sunken" data-testid="call" data-state={doc?.state ?? phase} data-phase={phase}>
      {phase === 'gone' || phase === 'elsewhere' ? (
        <div className="grid flex-1 place-items-center">
          <Empty
            icon={phase === 'gone' ? 'hangUp' : 'screen'}
            title={t(phase === 'elsewhere' ? 'call.elsewhere' : supervises || second ? 'call.supervise.ended' : 'call.gone')}
            action={
              <div className="flex flex-col items-center gap-2">
                {phase === 'elsewhere' && (
                  <Button kind="primary" size="lg" onClick={() => call?.engine.takeOver()}>
                    {t('call.takeOver')}
                  </Button>
                )}
                <Link href={home} className="inline-flex min-h-11 items-center font-semibold text-brand underline">
                  {t('call.back')}
                </Link>
              </div>
            }
          >
            {phase === 'elsewhere' && t('call.elsewhereHint')}
          </Empty>
        </div>
      ) : call && doc ? (
        <>
          <MeterBar doc={doc} view={call.view} />
          <div className="relative flex min-h-0 flex-1">
            <div className="relative flex min-w-0 flex-1 flex-col">
              <Notices session={session} doc={doc} view={call.view} engine={call.engine} />
              {texts ? <Chat session={session} doc={doc} role={role} messages={messages} className="min-h-0 flex-1" /> : supervises || second ? <Pair doc={doc} view={call.view} /> : <Stage doc={doc} view={call.view} />}
            </div>
            {open && !texts && <Chat session={session} doc={doc} role={role} messages={messages} onClose={() => setChat(false)} className="absolute inset-0 z-10 sm:static sm:w-88 sm:border-s sm:border-edge" />}
          </div>
          {supervises ? (
            <SuperviseBar session={session} {...bar(doc, call)} onLeave={onLeave} {...(mayHand ? { onTransfer: () => setHanding(true) } : {})} />
          ) : (
            <Controls {...bar(doc, call)} {...(second ? { onLeave } : { onEnd: () => setEnding(true) })} {...(mayHand ? { onTransfer: () => setHanding(true) } : {})} />
          )}
          {handing && <TransferSheet session={session} doc={doc} onClose={() => setHanding(false)} />}
          {ending && <EndSheet session={session} doc={doc} onClose={() => setEnding(false)} />}
        </>
      ) : (
        <div className="grid flex-1 place-items-center p-6">
          <Loading label={t('call.joining')}>
            <div className="flex flex-col items-center gap-4">
              <Skeleton className="size-28 rounded-full" />
              <p className="font-semibold text-muted">{t('call.joining')}</p>
            </div>
          </Loading>
        </div>
      )}
    </div>
  )
}
