import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useAction } from '../app/action'
import { useHttp } from '../app/context'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Sheet } from '../design/Sheet'
import type { Request } from './types'

export function LeaveSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation()
  const http = useHttp()
  const leave = useAction(useCallback((_: null) => http.post<Request>(`/v1/requests/${id}/cancel`), [http, id]))
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={t('wait.leaveTitle')} description={t('wait.leaveHint')}>
      <div className="flex flex-col gap-3">
        {leave.error !== null && <ErrorNote error={leave.error} />}
        <Button kind="danger" size="lg" busy={leave.busy} onClick={() => void leave.act(null).then((r) => r && onClose())}>
          {t('wait.leave')}
        </Button>
        <Button size="lg" onClick={onClose}>
          {t('wait.stay')}
        </Button>
      </div>
    </Sheet>
  )
}
