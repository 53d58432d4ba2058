import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { Notice } from './Notice'
import type { CallRole, SessionDoc } from './types'

/** Where it stands with a second expert, for all who are in the call, and the way back from it: the client may refuse who is asked for, and send away who is there. */
export function SecondNotice({ session, doc, role }: { session: string; doc: SessionDoc; role: CallRole | null }) {
  const { t } = useTranslation()
  const http = useHttp()
  const [seen, setSeen] = useState('')
  const back = useAction(useCallback((id: string, key: string) => http.post(`/v1/sessions/${session}/second/call-off`, { key }).then(() => id), [http, session]))
  const h = doc.second
  if (!h || h.state === 'done' || role === 'second') return null
  const who = role === 'client' ? 'client' : 'staff'
  if (h.state === 'off') {
    if (h.reason === 'ended' || h.reason === 'said' || seen === h.id) return null
    return (
      <Notice tone="held" icon="people" testid="second-off" action={<Button size="sm" onClick={() => setSeen(h.id)}>{t('call.transfer.seen')}</Button>}>
        {t(h.reason === 'declined' ? 'call.second.declined' : 'call.second.off')}
      </Notice>
    )
  }
  const mayNot = role !== 'client' && role !== 'expert' && role !== 'supervisor'
  const name = Object.values(doc.participants).find((p) => p.role === 'second')?.name ?? t('call.second.role')
  const action = mayNot ? undefined : (
    <Button size="sm" busy={back.busy} onClick={() => void back.act(h.id)}>
      {t(h.state === 'here' ? 'call.second.away' : `call.second.back.${who}`)}
    </Button>
  )
  return (
    <Notice tone="held" icon="people" testid="second" action={action}>
      {t(`call.second.${h.state}.${who}`, { name })}
    </Notice>
  )
}
