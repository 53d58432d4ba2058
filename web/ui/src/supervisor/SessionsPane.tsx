import type { Hearing } from '@waymeet/sdk'
import { useTranslation } from 'react-i18next'
import { Link } from 'wouter'
import { can, useFormats, useMe } from '../app/context'
import { Chip, type Tone } from '../design/feedback'
import { Icon } from '../design/icons'
import { modalityIcon } from '../expert/types'
import { cell, figure, Table } from '../finance/Table'
import type { BoardSession } from './types'

const tone: Record<BoardSession['state'], Tone> = { connecting: 'held', live: 'good', reconnecting: 'bad', interrupted: 'held', wrap_up: 'neutral' }

const heard: Record<Hearing['level'], Tone> = { good: 'good', fair: 'held', poor: 'bad' }

/** Who talks, for how long, and whether their connection holds. */
export function SessionsPane({ queue, sessions, now }: { queue: string; sessions: BoardSession[]; now: number }) {
  const { t } = useTranslation()
  const f = useFormats()
  const listens = can(useMe(), 'session.listen')
  return (
    <section aria-labelledby="talking">
      <h2 id="talking" className="mb-1.5 font-bold">
        {t('queues.sessions')}
      </h2>
      {sessions.length === 0 ? (
        <p className="rounded-card border border-edge bg-surface px-4 py-3 text-muted">{t('queues.nobodyTalks')}</p>
      ) : (
        <Table label={t('queues.sessions')} columns={[{ name: t('queues.client') }, { name: t('queues.expert') }, { name: t('queues.state') }, { name: t('queues.paid'), end: true }, { name: t('queues.hearing'), wide: true }, ...(listens ? [{ name: t('queues.listen') }] : [])]}>
          {sessions.map((s) => (
            <tr key={s.id} className="border-b border-edge last:border-b-0">
              <td className={cell}>
                <span className="flex items-center gap-2">
                  <Icon name={modalityIcon[s.modality]} size={16} className="text-muted" />
                  <bdi>{s.client_name}</bdi>
                </span>
              </td>
              <td className={cell}>
                <bdi>{s.expert_name}</bdi>
              </td>
              <td className={cell}>
                <Chip tone={tone[s.state]}>{t(`queues.sessionState.${s.state}`)}</Chip>
                {s.here < 2 && s.state !== 'wrap_up' && <Chip tone="bad" className="ms-1">{t('queues.alone')}</Chip>}
              </td>
              <td className={figure}>{f.countdown(1000 * Math.floor(s.billed_s + (s.running_since ? Math.max(0, (now - Date.parse(s.running_since)) / 1000) : 0)))}</td>
              <td className={`${cell} max-md:hidden`}>{s.hears && <Chip tone={heard[s.hears]}>{t(`queues.hears.${s.hears}`)}</Chip>}</td>
              {listens && (
                <td className={cell}>
                  {s.state !== 'wrap_up' && (
                    <Link href={`/queues/${queue}/sessions/${s.id}`} aria-label={t('queues.listenTo', { client: s.client_name, expert: s.expert_name })} className="inline-flex min-h-10 items-center font-semibold text-brand underline" data-testid="listen">
                      {t('queues.listen')}
                    </Link>
                  )}
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
    </section>
  )
}
