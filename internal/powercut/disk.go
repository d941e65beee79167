package powercut

import "math/rand/v2"

// sector is what a disk writes whole or not at all, in bytes.
const sector = 512

// Disk is a file on a disk whose power may go.
type Disk struct {
	// Lies makes the disk forget about that share of the syncs which it confirms:
	// what a test is worth shows when it finds such a disk out.
	Lies float64

	durable []byte
	loose   []Op // written, not synced
}

// Do carries an operation out.
func (d *Disk) Do(op Op, random *rand.Rand) {
	switch {
	case op.Kind == Say:
	case op.Kind != Sync:
		d.loose = append(d.loose, op)
	case random.Float64() >= d.Lies:
		for _, one := range d.loose {
			d.durable = apply(d.durable, one, nil)
		}
		d.loose = d.loose[:0]
	}
}

// Cut returns what is on the disk after a power cut now, one of many ways at
// random. The disk itself goes on.
func (d *Disk) Cut(random *rand.Rand) []byte {
	image := append([]byte(nil), d.durable...)
	for _, op := range d.loose {
		switch random.IntN(3) {
		case 0: // lost
		case 1:
			image = apply(image, op, nil)
		case 2:
			image = apply(image, op, func() bool { return random.IntN(2) == 0 })
		}
	}
	return image
}

// apply carries a write or a truncation out; arrives says of each sector whether it
// does, nil: all do.
func apply(image []byte, op Op, arrives func() bool) []byte {
	if op.Kind == Truncate {
		return grow(image, op.Offset)[:op.Offset]
	}
	image = grow(image, op.Offset+int64(len(op.Data)))
	for i := 0; i < len(op.Data); i += sector {
		if arrives == nil || arrives() {
			end := min(i+sector, len(op.Data))
			copy(image[op.Offset+int64(i):], op.Data[i:end])
		}
	}
	return image
}

func grow(image []byte, size int64) []byte {
	if missing := size - int64(len(image)); missing > 0 {
		return append(image, make([]byte, missing)...)
	}
	return image
}
