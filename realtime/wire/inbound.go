package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Opcodes of RFC 6455, section 5.2.
const (
	OpContinuation = 0
	OpText         = opText
	OpBinary       = 2
	OpClose        = opClose
	OpPing         = opPing
	OpPong         = 10
)

// Violation is input that ends a connection.
type Violation struct {
	Code   CloseCode
	Reason string // in English, for who writes a client
}

func (v *Violation) Error() string { return fmt.Sprintf("wire: %s (%d)", v.Reason, v.Code) }

func broken(reason string) *Violation { return &Violation{CloseProtocol, reason} }

// Inbound takes a client's stream of frames apart, however the network has cut it (RFC 6455, section 5). It holds bytes of
// a message only while that message is incomplete, so a connection that says nothing costs nothing.
//
// After a Violation it must not be used any more: nobody knows where the next frame begins.
type Inbound struct {
	Limit   int64 // bytes of one message, over all its fragments, before and after inflating
	Deflate bool  // permessage-deflate was agreed to

	packed bool // the message that has begun is compressed
	begun  bool // the head is complete, payload follows
	fin    bool
	op     byte
	empty  int  // fragments without a byte in the message that has begun
	kind   byte // opcode of the message that has begun; 0: none has
	had    uint8
	head   [14]byte // of the frame, as far as it has come
	phase  uint8    // where in the mask the next byte is
	left   int64    // bytes of payload to come
	msg    []byte   // of the message, fragments before this one included
	ctl    []byte   // of a control frame that came in pieces
}

const (
	maxControlPayload = 125
	maxEmpty          = 100 // fragments of a message that bring nothing
)

// Take reads b and calls got for each message (OpText, OpBinary) and control frame that is complete. Payloads are valid until
// got returns, and b is changed (unmasked) in place. got returns false when nothing more is wanted.
func (in *Inbound) Take(b []byte, got func(op byte, payload []byte) bool) error {
	for {
		if !in.begun {
			rest, whole, err := in.header(b)
			if err != nil {
				return err
			}
			if b = rest; !whole {
				return nil
			}
		}
		n := int(min(in.left, int64(len(b))))
		part := b[:n]
		b = b[n:]
		in.unmask(part)
		in.left -= int64(n)
		if in.left > 0 {
			in.keep(part)
			return nil
		}
		in.begun = false
		op, payload, whole := in.complete(part)
		if whole && in.packed && op < OpClose {
			var err error
			if payload, err = inflate(payload, in.Limit); errors.Is(err, errLarge) {
				return in.large()
			} else if err != nil {
				return broken("a compressed message that is none")
			}
		}
		if whole && !got(op, payload) {
			return nil
		}
	}
}

// header takes what b has of a frame's head.
func (in *Inbound) header(b []byte) (rest []byte, whole bool, err error) {
	for {
		need := 2
		if in.had >= 2 {
			need = headLen(in.head[1])
		}
		if int(in.had) == need {
			break
		}
		if len(b) == 0 {
			return nil, false, nil
		}
		n := copy(in.head[in.had:need], b)
		in.had += uint8(n)
		b = b[n:]
		if in.had == 2 {
			if err := in.opening(); err != nil {
				return nil, false, err
			}
		}
	}
	in.had, in.phase, in.begun = 0, 0, true
	length := uint64(in.head[1] & 0x7f)
	switch length {
	case 126:
		length = uint64(binary.BigEndian.Uint16(in.head[2:]))
	case 127:
		length = binary.BigEndian.Uint64(in.head[2:])
	}
	if length>>63 != 0 {
		return nil, false, broken("a length with the top bit")
	}
	in.left = int64(length)
	if in.op < 8 && in.left == 0 && !in.fin {
		if in.empty++; in.empty > maxEmpty {
			return nil, false, &Violation{CloseFlooding, "too many empty fragments"}
		}
	}
	if in.op < 8 && in.left > in.Limit-int64(len(in.msg)) {
		return nil, false, in.large()
	}
	copy(in.head[:4], in.head[headLen(in.head[1])-4:]) // the mask, where unmask looks for it
	return b, true, nil
}

func (in *Inbound) large() error {
	return &Violation{CloseTooBig, fmt.Sprintf("a message of more than %d bytes", in.Limit)}
}

// headLen is the length of a masked frame's head, by its second byte.
func headLen(second byte) int {
	switch second & 0x7f {
	case 126:
		return 8
	case 127:
		return 14
	}
	return 6
}

// opening judges the first two bytes of a frame.
func (in *Inbound) opening() error {
	first, second := in.head[0], in.head[1]
	in.fin, in.op = first&0x80 != 0, first&0x0f
	switch {
	case first&0x30 != 0, first&rsv1 != 0 && (!in.Deflate || in.op != OpText && in.op != OpBinary):
		return broken("reserved bits")
	case second&0x80 == 0:
		return broken("a frame that is not masked")
	case in.op > OpBinary && in.op < OpClose || in.op > OpPong:
		return broken("an unknown opcode")
	case in.op >= OpClose && !in.fin:
		return broken("a control frame in fragments")
	case in.op >= OpClose && second&0x7f > maxControlPayload:
		return broken("a control frame of more than 125 bytes")
	case in.op == OpContinuation && in.kind == 0:
		return broken("a continuation of nothing")
	case (in.op == OpText || in.op == OpBinary) && in.kind != 0:
		return broken("a message within a message")
	}
	if in.op == OpText || in.op == OpBinary {
		in.kind, in.packed, in.empty = in.op, first&rsv1 != 0, 0
	}
	return nil
}

func (in *Inbound) keep(part []byte) {
	if in.op >= OpClose {
		in.ctl = append(in.ctl, part...)
	} else {
		in.msg = append(in.msg, part...)
	}
}

// complete is what a frame that has ended brings. What came in one piece is not copied.
func (in *Inbound) complete(part []byte) (op byte, payload []byte, whole bool) {
	if in.op >= OpClose {
		if in.ctl == nil {
			return in.op, part, true
		}
		payload, in.ctl = append(in.ctl, part...), nil
		return in.op, payload, true
	}
	if !in.fin {
		in.msg = append(in.msg, part...)
		return 0, nil, false
	}
	op, in.kind = in.kind, 0
	if in.msg == nil {
		return op, part, true
	}
	payload, in.msg = append(in.msg, part...), nil
	return op, payload, true
}

// unmask is section 5.3, eight bytes at a time.
func (in *Inbound) unmask(b []byte) {
	var key [8]byte
	for i := range key {
		key[i] = in.head[(int(in.phase)+i)&3]
	}
	in.phase = uint8(int(in.phase)+len(b)) & 3
	for word := binary.LittleEndian.Uint64(key[:]); len(b) >= 8; b = b[8:] {
		binary.LittleEndian.PutUint64(b, binary.LittleEndian.Uint64(b)^word)
	}
	for i := range b {
		b[i] ^= key[i]
	}
}

// Closing is a close frame's code, 0 when it gives none. What must not be said by anyone is a Violation (section 7.4).
func Closing(payload []byte) (CloseCode, error) {
	switch {
	case len(payload) == 0:
		return 0, nil
	case len(payload) == 1:
		return 0, broken("a close frame of one byte")
	}
	code := CloseCode(binary.BigEndian.Uint16(payload))
	switch {
	case code < 1000, code >= 1004 && code <= 1006, code >= 1015 && code < 3000, code >= 5000:
		return 0, broken("a close code that nobody may send")
	case !utf8.Valid(payload[2:]):
		return 0, &Violation{CloseNotUTF8, "a reason that is not UTF-8"}
	}
	return code, nil
}

// AppendPong appends the answer to a ping.
func AppendPong(dst, payload []byte) []byte {
	return append(appendHeader(dst, OpPong, len(payload)), payload...)
}
