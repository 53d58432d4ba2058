package bench

import (
	"encoding/binary"
	"errors"
)

const (
	opText  = 1
	opClose = 8
	opPing  = 9
	opPong  = 10
)

var errFrame = errors.New("not a WebSocket frame of a server")

// frame is one that a server sent; its payload lies in the buffer that it was read into.
type frame struct {
	op      byte
	payload []byte
}

// mostFrame is more than any server of ours sends at once.
const mostFrame = 1 << 20

// nextFrame reads the frame at the head of b. size is 0 when it is not whole yet.
func nextFrame(b []byte) (f frame, size int, err error) {
	if len(b) < 2 {
		return f, 0, nil
	}
	// Whole messages only, unmasked, without extensions: that is what the server promises.
	if b[0]&0xf0 != 0x80 || b[0]&0x0f == 0 || b[1]&0x80 != 0 {
		return f, 0, errFrame
	}
	head, length := 2, uint64(b[1])
	switch length {
	case 126:
		if head = 4; len(b) < head {
			return f, 0, nil
		}
		length = uint64(binary.BigEndian.Uint16(b[2:]))
	case 127:
		if head = 10; len(b) < head {
			return f, 0, nil
		}
		length = binary.BigEndian.Uint64(b[2:])
	}
	if length > mostFrame {
		return f, 0, errFrame
	}
	size = head + int(length)
	if len(b) < size {
		return f, 0, nil
	}
	return frame{b[0] & 0x0f, b[head:size]}, size, nil
}

// appendClientFrame appends a frame as a client sends it. Its mask is zero: lawful, and it spares both ends nothing but the
// generator's own work.
func appendClientFrame(dst []byte, op byte, payload []byte) []byte {
	dst = appendHead(dst, op, len(payload), 0x80)
	return append(append(dst, 0, 0, 0, 0), payload...)
}

// appendServerFrame appends a frame as a server sends it.
func appendServerFrame(dst []byte, op byte, payload []byte) []byte {
	return append(appendHead(dst, op, len(payload), 0), payload...)
}

func appendHead(dst []byte, op byte, n int, masked byte) []byte {
	dst = append(dst, 0x80|op)
	switch {
	case n < 126:
		return append(dst, masked|byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, masked|126), uint16(n))
	}
	return binary.BigEndian.AppendUint64(append(dst, masked|127), uint64(n))
}

// nextClientFrame reads a frame of the generator's, whose mask is zero, for the floor.
func nextClientFrame(b []byte) (f frame, size int, err error) {
	if len(b) < 6 {
		return f, 0, nil
	}
	head, length := 6, int(b[1]&0x7f)
	if b[1]&0x80 == 0 || length == 127 {
		return f, 0, errFrame // the generator sends nothing that is so long
	}
	if length == 126 {
		if head = 8; len(b) < head {
			return f, 0, nil
		}
		length = int(binary.BigEndian.Uint16(b[2:]))
	}
	if size = head + length; len(b) < size {
		return f, 0, nil
	}
	return frame{b[0] & 0x0f, b[head:size]}, size, nil
}
