package realtime

// waiting is the signals that a client could not take yet: the newest of each key, in the order in which they were sent. Few
// wait, so looking through them is cheaper than a map, which would lose the order: parties that negotiate need it.
type waiting []waitingSignal

type waitingSignal struct {
	key   string
	frame []byte
}

// put adds a signal behind the others and takes the older one of its key away. Where there are too many the oldest make room:
// it says how many were lost like that.
func (w *waiting) put(key string, frame []byte) (lost int) {
	w.drop(key)
	for bytes := w.bytes() + len(key) + len(frame); len(*w) > 0 && (len(*w) >= maxWaitingSignals || bytes > maxWaitingBytes); lost++ {
		bytes -= len((*w)[0].key) + len((*w)[0].frame)
		*w = (*w)[1:]
	}
	*w = append(*w, waitingSignal{key, append([]byte(nil), frame...)})
	return lost
}

// drop takes the signal of a key away, and returns it.
func (w *waiting) drop(key string) (frame []byte) {
	for i, s := range *w {
		if s.key == key {
			*w = append((*w)[:i], (*w)[i+1:]...)
			return s.frame
		}
	}
	return nil
}

func (w waiting) has(key string) bool {
	for _, s := range w {
		if s.key == key {
			return true
		}
	}
	return false
}

// shed takes the oldest away that is no word of the node's; false: there is none.
func (w *waiting) shed() bool {
	for _, s := range *w {
		if s.key != nodeKey && s.key != freshWaits {
			w.drop(s.key)
			return true
		}
	}
	return false
}

// bytes is about what they take.
func (w waiting) bytes() (n int) {
	for _, s := range w {
		n += len(s.key) + len(s.frame)
	}
	return n
}
