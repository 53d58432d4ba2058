package realtime

import (
	"cmp"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/waymeet/waymeet/realtime/wire"
)

// socket is the only way to a connection's bytes. What goes out passes mu as whole frames, so that frames which the hub
// has encoded and control frames never tear each other. Writes go straight to the descriptor; a goroutine drains only while
// it is full.
type socket struct {
	net.Conn
	raw    syscall.RawConn // nil for what has no descriptor of its own (TLS): all goes through the drainer
	under  syscall.RawConn // the descriptor below, for asking about the peer; nil: there is none
	spawn  func(func()) bool
	refill func() []byte // encodes more when the queue is empty; called without mu

	mu      sync.Mutex
	cond    *sync.Cond // made when somebody waits for answers to drain
	closed  bool       // guarded by mu: the descriptor is gone
	ending  bool       // guarded by mu: a close frame was queued, nothing may follow
	busy    bool       // guarded by mu: a drainer runs, everything is queued
	hungry  bool       // guarded by mu: refill has something
	parting bool       // guarded by mu: nobody reads any more, the drainer closes
	ended   bool       // guarded by mu: our side ends with what is queued
	head    []byte     // guarded by mu: rest of a frame that is partly written
	control [][]byte   // guarded by mu: pongs, pings; they overtake
	answers [][]byte   // guarded by mu: frames that must all arrive, in order
	owed    int        // guarded by mu: bytes of answers
	now     writing    // guarded by mu

	heard   atomic.Int64 // unix nanoseconds of the last byte that came
	written atomic.Int64 // bytes given to the kernel

	// owned by the reader
	early   []byte // what came with the handshake
	lent    *[]byte
	got     int
	readErr error
	readFn  func(uintptr) bool
}

// writing is the state of one write(2), kept so that it allocates nothing.
type writing struct {
	b   []byte
	n   int
	err error
	fn  func(uintptr) bool
}

var errFlood = errors.New("realtime: the client pings and does not read")

const (
	maxControl  = 64
	drainChunk  = 32 << 10
	maxOwed     = 256 << 10 // more answers than that and the connection's requests wait
	lowat       = 16 << 10  // what the kernel may hold unsent: it would only grow stale there
	lingerClose = 2 * time.Second
)

func newSocket(nc net.Conn, early []byte, spawn func(func()) bool) *socket {
	s := &socket{Conn: nc, spawn: spawn}
	s.raw = descriptor(nc)
	s.under = s.raw
	if outer, ok := nc.(interface{ NetConn() net.Conn }); ok && s.raw == nil {
		s.under = descriptor(outer.NetConn())
	}
	if s.under != nil {
		_ = s.under.Control(tune)
	}
	if s.raw != nil {
		s.now.fn = func(fd uintptr) bool {
			s.now.n, s.now.err = writeFD(fd, s.now.b)
			return true
		}
		s.readFn = s.readFD
	}
	s.early = append(s.early, early...)
	s.heard.Store(time.Now().UnixNano())
	return s
}

func descriptor(nc net.Conn) syscall.RawConn {
	sc, ok := nc.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// tryWrite writes what the kernel takes at once. Called with mu held.
func (s *socket) tryWrite(b []byte) (int, error) {
	if s.raw == nil {
		return 0, nil
	}
	s.now.b = b
	err := s.raw.Write(s.now.fn)
	s.now.b = nil
	if err == nil {
		err = s.now.err
	}
	if err != nil {
		return 0, err
	}
	s.written.Add(int64(s.now.n))
	return s.now.n, nil
}

// send queues or writes one whole frame that must arrive, behind all before it.
func (s *socket) send(frame []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sendLocked(frame)
}

func (s *socket) sendLocked(frame []byte) {
	if s.closed || s.ending {
		return
	}
	if !s.busy {
		n, err := s.tryWrite(frame)
		if err != nil || n == len(frame) {
			return // a broken socket is found by its reader
		}
		s.startDrain()
		if n > 0 {
			s.head = frame[n:]
			return
		}
	}
	s.answers = append(s.answers, frame)
	s.owed += len(frame)
}

// sendControl writes a control frame, ahead of data that waits. After a close frame nothing is written.
func (s *socket) sendControl(frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendControlLocked(frame)
}

func (s *socket) sendControlLocked(frame []byte) error {
	if s.closed {
		return net.ErrClosed
	}
	if s.ending {
		return nil
	}
	if wire.IsClose(frame) {
		s.ending = true
		s.answers, s.owed = nil, 0
		s.roomier()
	}
	if !s.busy {
		n, err := s.tryWrite(frame)
		if err != nil || n == len(frame) {
			return err
		}
		s.startDrain()
		if n > 0 {
			s.head = frame[n:]
			return nil
		}
	}
	if len(s.control) >= maxControl {
		return errFlood
	}
	s.control = append(s.control, frame)
	return nil
}

// startDrain is called with mu held.
func (s *socket) startDrain() {
	s.busy = true
	if !s.spawn(s.drain) {
		_ = s.closeLocked() // the node ends: nobody is left to tell
	}
}

// kick has refill asked. Called with mu held.
func (s *socket) kick() {
	s.hungry = true
	if !s.busy && !s.closed && !s.ending {
		s.startDrain()
	}
}

// drain lives while something waits for the socket.
func (s *socket) drain() {
	var buf []byte
	for {
		var over bool
		if buf, over = s.next(buf[:0]); over {
			return
		}
		if len(buf) == 0 {
			buf = append(buf, s.refill()...)
		}
		if len(buf) == 0 {
			continue
		}
		if err := s.writeAll(buf); err != nil {
			s.mu.Lock()
			_ = s.closeLocked()
			s.mu.Unlock()
			return
		}
	}
}

// next takes what must be written next; nothing and not over means: ask refill.
func (s *socket) next(buf []byte) (_ []byte, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, true
	}
	begun := len(s.head) > 0
	buf = append(buf, s.head...)
	s.head = nil
	for _, f := range s.control {
		buf = append(buf, f...)
	}
	s.control = nil
	n := 0
	for n < len(s.answers) && len(buf) < drainChunk {
		buf = append(buf, s.answers[n]...)
		s.owed -= len(s.answers[n])
		s.answers[n] = nil
		n++
	}
	if s.answers = s.answers[n:]; len(s.answers) == 0 {
		s.answers = nil
	}
	if n > 0 || begun {
		s.roomier()
	}
	if len(buf) > 0 {
		return buf, false
	}
	if s.hungry && !s.ending {
		s.hungry = false
		return buf, false
	}
	s.busy = false
	switch {
	case s.parting:
		_ = s.closeLocked()
	case s.ended:
		s.endLocked()
	}
	return nil, true
}

// part says that the reader is done. True: a drainer still writes, and will close.
func (s *socket) part() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parting = true
	if s.busy && !s.closed {
		_ = s.SetDeadline(time.Now().Add(lingerClose))
		return true
	}
	return false
}

// writeAll waits in the poller, not on mu.
func (s *socket) writeAll(b []byte) error {
	if s.raw == nil {
		n, err := s.Conn.Write(b)
		s.written.Add(int64(n))
		return err
	}
	var werr error
	err := s.raw.Write(func(fd uintptr) bool {
		for len(b) > 0 {
			n, err := writeFD(fd, b)
			if err != nil {
				werr = err
				return true
			}
			if n == 0 {
				return false
			}
			s.written.Add(int64(n))
			b = b[n:]
		}
		return true
	})
	return errors.Join(err, werr)
}

// awaitRoom holds a client's requests back while it does not read the answers; false: nothing will be answered any more.
func (s *socket) awaitRoom() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.owed+len(s.head) > maxOwed && !s.closed && !s.ending {
		if s.cond == nil {
			s.cond = sync.NewCond(&s.mu)
		}
		s.cond.Wait()
	}
	return !s.closed && !s.ending
}

// roomier wakes the reader where it waits for room. Called with mu held, whenever less is owed or nothing will be.
func (s *socket) roomier() {
	if s.cond != nil {
		s.cond.Broadcast()
	}
}

// shut says goodbye: the close frame goes out behind what is begun, and the peer has a moment to answer it. Said again it
// changes nothing: the moment is not a longer one.
func (s *socket) shut(code wire.CloseCode, reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.ending {
		return
	}
	_ = s.sendControlLocked(wire.CloseFrame(code, reason))
	_ = s.SetDeadline(time.Now().Add(lingerClose))
}

// fail is shut for a client whose stream is not understood any more: its goodbye would not be either, so our side ends with
// ours. What still comes is read and thrown away, for a socket closed with unread input would take our last word back.
func (s *socket) fail(code wire.CloseCode, reason string) {
	s.shut(code, reason)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	if !s.busy {
		s.endLocked()
	}
}

func (s *socket) endLocked() {
	if half, ok := s.Conn.(interface{ CloseWrite() error }); ok && !s.closed {
		_ = half.CloseWrite() // who is gone already needs no end
	}
}

// Close ends the descriptor; a drainer that waits for it ends too.
func (s *socket) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closeLocked()
}

// leaving says that a close frame was sent.
func (s *socket) leaving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending
}

// begin takes the head that opens the socket: it is sent before the first frame, in one write. Where all goes through a
// drainer (TLS) it is written here, because a close would drop what waits.
func (s *socket) begin(head []byte) (first []byte, err error) {
	if s.raw != nil {
		return head, nil
	}
	_ = s.SetWriteDeadline(time.Now().Add(lingerClose))
	_, err = s.Conn.Write(head)
	_ = s.SetWriteDeadline(time.Time{})
	return nil, err
}

func (s *socket) closeLocked() error {
	if s.closed {
		return net.ErrClosed
	}
	s.closed = true
	s.answers, s.control, s.head, s.owed = nil, nil, nil, 0
	s.roomier()
	return s.Conn.Close()
}

var readBuffers = sync.Pool{New: func() any { b := make([]byte, 8<<10); return &b }}

// input waits for bytes and lends them, until release: a connection that says nothing holds no buffer.
func (s *socket) input() ([]byte, error) {
	if len(s.early) > 0 {
		b := s.early
		s.early = nil
		return b, nil
	}
	s.lent, s.got, s.readErr = nil, 0, nil
	if s.raw == nil {
		s.lent = readBuffers.Get().(*[]byte)
		s.got, s.readErr = s.Conn.Read(*s.lent)
	} else if err := s.raw.Read(s.readFn); err != nil {
		s.readErr = err
	}
	if s.got == 0 {
		s.release()
		return nil, cmp.Or(s.readErr, io.EOF)
	}
	s.heard.Store(time.Now().UnixNano())
	return (*s.lent)[:s.got], nil
}

func (s *socket) release() {
	if s.lent != nil {
		readBuffers.Put(s.lent)
		s.lent = nil
	}
}

func (s *socket) readFD(fd uintptr) bool {
	b := readBuffers.Get().(*[]byte)
	n, again, err := readFD(fd, *b)
	if again {
		readBuffers.Put(b)
		return false
	}
	s.lent, s.got, s.readErr = b, max(n, 0), err
	return true
}
