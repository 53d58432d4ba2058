import type { ReactNode } from 'react'
import { Button } from '../design/Button'
import { ErrorNote } from '../design/feedback'
import { Sheet } from '../design/Sheet'

/** A second look at what cannot be taken back. */
export function Sure({ title, hint, act, busy, error, onSure, onClose, children }: {
  title: string
  hint: string
  act: string
  busy: boolean
  error: unknown
  onSure: () => void
  onClose: () => void
  children?: ReactNode
}) {
  return (
    <Sheet open onOpenChange={(o) => !o && onClose()} title={title} description={hint}>
      <div className="flex flex-col gap-4">
        {children}
        {error !== null && <ErrorNote error={error} />}
        <Button kind="primary" size="lg" busy={busy} onClick={onSure}>
          {act}
        </Button>
      </div>
    </Sheet>
  )
}
