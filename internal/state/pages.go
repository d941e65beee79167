package state

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// The layout of a bbolt file, as far as reading it needs it. It is read by bytes and
// within bounds, because bbolt itself believes what it finds: on a damaged file it
// panics, reads beyond the end of its memory, or never ends.
const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	pageHeader = 16 // id (8), flags (2), count (2), further pages (4)
	metaSize   = 64
	elemSize   = 16 // of leaves and branches alike

	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagFreelist = 0x10

	leafIsBucket = 0x01
	bucketHeader = 16 // root page (8), sequence (8)

	noFreelist = ^uint64(0)
	countLarge = 0xFFFF  // the count is the first number of a free list
	maxDepth   = 64      // of branches and buckets in each other: no file of ours has ten
	maxValue   = 1 << 28 // bytes of pages that belong together
)

// metaPage is one of the two pages that say where everything else is.
type metaPage struct {
	number         int // 0 or 1
	pageSize       int64
	root, freelist uint64
	end            uint64 // the first page that is not in use
	transaction    uint64
}

// errNotBolt says that a meta page has no sign of bbolt.
var errNotBolt = errors.New("it has no sign of a state file")

// readMetaPage reads one from its bytes, which begin at the page.
func readMetaPage(page []byte, number int) (m metaPage, err error) {
	if len(page) < pageHeader+metaSize {
		return m, errNotBolt
	}
	b := page[pageHeader : pageHeader+metaSize]
	if binary.LittleEndian.Uint32(b) != boltMagic {
		return m, errNotBolt
	}
	sum := fnv.New64a()
	_, _ = sum.Write(b[:56]) // it never fails
	if binary.LittleEndian.Uint64(b[56:]) != sum.Sum64() {
		return m, fmt.Errorf("meta page %d has another checksum than it says", number)
	}
	if v := binary.LittleEndian.Uint32(b[4:]); v != boltVersion {
		return m, fmt.Errorf("meta page %d is of version %d of bbolt", number, v)
	}
	m = metaPage{
		number:      number,
		pageSize:    int64(binary.LittleEndian.Uint32(b[8:])),
		root:        binary.LittleEndian.Uint64(b[16:]),
		freelist:    binary.LittleEndian.Uint64(b[32:]),
		end:         binary.LittleEndian.Uint64(b[40:]),
		transaction: binary.LittleEndian.Uint64(b[48:]),
	}
	if m.pageSize < 1024 || m.pageSize > 1<<20 || m.pageSize&(m.pageSize-1) != 0 {
		return m, fmt.Errorf("meta page %d speaks of pages of %d bytes", number, m.pageSize)
	}
	return m, nil
}

// metaPages reads both, the newer one first. Those that are not sound are left out,
// and why says what is wrong with them; it is errNotBolt when the file has no sign of
// bbolt at all. err is the disk's.
func metaPages(file io.ReaderAt) (metas []metaPage, why, err error) {
	first, why, err := metaAt(file, 0, 0)
	if err != nil {
		return nil, nil, err
	}
	sizes := []int64{first.pageSize}
	if why != nil {
		sizes = []int64{4 << 10, 1 << 10, 2 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10}
	} else {
		metas = append(metas, first)
	}
	for _, size := range sizes {
		second, bad, err := metaAt(file, size, 1)
		switch {
		case err != nil:
			return nil, nil, err
		case bad == nil && second.pageSize == size:
			metas = append(metas, second)
		case why == nil || errors.Is(why, errNotBolt):
			why = bad
		}
	}
	if len(metas) == 2 && metas[1].transaction > metas[0].transaction {
		metas[0], metas[1] = metas[1], metas[0]
	}
	return metas, why, nil
}

func metaAt(file io.ReaderAt, at int64, number int) (m metaPage, bad, err error) {
	page := make([]byte, pageHeader+metaSize)
	n, err := file.ReadAt(page, at)
	if err != nil && !errors.Is(err, io.EOF) {
		return m, nil, &unreadable{err}
	}
	m, bad = readMetaPage(page[:n], number)
	return m, bad, nil
}

// unreadable is an error of the disk, which says nothing about the file.
type unreadable struct{ error }

func (u *unreadable) Unwrap() error { return u.error }

// pageWalk goes over all pages that belong to a transaction, and finds whatever bbolt
// would stumble over.
type pageWalk struct {
	file io.ReaderAt
	size int64
	meta metaPage
	used []uint64 // one bit for each page that something was found in
	free []uint64 // and for each free one
	bufs [][]byte // one for each level, used again

	skip func(path [][]byte) bool                     // buckets whose pages are not looked at; nil = none
	row  func(path [][]byte, key, value []byte) error // told of each row
	in   func(path [][]byte, sequence uint64)         // told of each bucket, before its rows

	path  [][]byte
	pages int64 // in use
	frees int64
}

func (w *pageWalk) run() error {
	m := &w.meta
	switch {
	case m.end < 2 || m.end > uint64(w.size/m.pageSize):
		return fmt.Errorf("the file has %d pages, and should have %d", w.size/m.pageSize, m.end)
	case m.root < 2 || m.root >= m.end:
		return fmt.Errorf("its root is said to be page %d of %d", m.root, m.end)
	}
	w.used = make([]uint64, (m.end+63)/64)
	w.free = make([]uint64, (m.end+63)/64)
	if err := w.freelist(); err != nil {
		return err
	}
	return w.page(m.root, 0, nil, nil)
}

// freelist reads which pages are free.
func (w *pageWalk) freelist() error {
	if w.meta.freelist == noFreelist {
		return nil
	}
	page, count, flags, err := w.load(w.meta.freelist, 0)
	if err != nil {
		return err
	}
	if flags != flagFreelist {
		return fmt.Errorf("page %d is no list of free pages", w.meta.freelist)
	}
	ids, n := page[pageHeader:], uint64(count)
	if count == countLarge && len(ids) >= 8 {
		n, ids = binary.LittleEndian.Uint64(ids), ids[8:]
	}
	if n > uint64(len(ids)/8) {
		return fmt.Errorf("the list of free pages is longer than its pages: %d", n)
	}
	before := uint64(1)
	for i := range n {
		id := binary.LittleEndian.Uint64(ids[8*i:])
		if id <= before || id >= w.meta.end {
			return fmt.Errorf("page %d is on the list of free pages behind page %d", id, before)
		}
		if set(w.free, id); has(w.used, id) {
			return fmt.Errorf("page %d is free, and in use", id)
		}
		before = id
	}
	w.frees = int64(n)
	return nil
}

func set(bits []uint64, n uint64)      { bits[n/64] |= 1 << (n % 64) }
func has(bits []uint64, n uint64) bool { return bits[n/64]>>(n%64)&1 == 1 }

// load reads a page with those that belong to it, once.
func (w *pageWalk) load(id uint64, depth int) (page []byte, count int, flags uint16, err error) {
	if id < 2 || id >= w.meta.end {
		return nil, 0, 0, fmt.Errorf("something is said to be on page %d of %d", id, w.meta.end)
	}
	for len(w.bufs) <= depth {
		w.bufs = append(w.bufs, make([]byte, w.meta.pageSize))
	}
	if err := w.read(w.bufs[depth][:w.meta.pageSize], id); err != nil {
		return nil, 0, 0, err
	}
	page = w.bufs[depth]
	further := uint64(binary.LittleEndian.Uint32(page[12:]))
	if found := binary.LittleEndian.Uint64(page); found != id {
		return nil, 0, 0, fmt.Errorf("page %d says that it is page %d", id, found)
	}
	if further >= w.meta.end-id || int64(further+1) > maxValue/w.meta.pageSize {
		return nil, 0, 0, fmt.Errorf("page %d has %d more, which are not there", id, further)
	}
	for n := id; n <= id+further; n++ {
		if has(w.used, n) || has(w.free, n) {
			return nil, 0, 0, fmt.Errorf("page %d is used twice, or free", n)
		}
		set(w.used, n)
	}
	w.pages += int64(further) + 1
	if size := int64(further+1) * w.meta.pageSize; further > 0 {
		if int64(cap(page)) < size {
			page = make([]byte, size)
			w.bufs[depth] = page
		}
		page = page[:size]
		if err := w.read(page, id); err != nil {
			return nil, 0, 0, err
		}
	} else {
		page = page[:w.meta.pageSize]
	}
	return page, int(binary.LittleEndian.Uint16(page[10:])), binary.LittleEndian.Uint16(page[8:]), nil
}

func (w *pageWalk) read(into []byte, id uint64) error {
	if _, err := w.file.ReadAt(into, int64(id)*w.meta.pageSize); err != nil {
		return &unreadable{fmt.Errorf("read page %d: %w", id, err)}
	}
	return nil
}

// page checks a page of a bucket and all below it. Its keys lie from low on (nil = the
// first) and before high (nil = the last).
func (w *pageWalk) page(id uint64, depth int, low, high []byte) error {
	if depth > maxDepth {
		return fmt.Errorf("page %d: the tree is too deep", id)
	}
	page, count, flags, err := w.load(id, depth)
	if err != nil {
		return err
	}
	switch flags {
	case flagLeaf:
		err = w.leaf(page, count, depth, low, high, false)
	case flagBranch:
		err = w.branch(page, count, depth, low, high)
	default:
		err = fmt.Errorf("it is of no known kind: %#x", flags)
	}
	if err != nil {
		return fmt.Errorf("page %d: %w", id, err)
	}
	return nil
}

// errOrder says that a page's keys are not in their order.
var errOrder = errors.New("its keys are not in order")

func (w *pageWalk) branch(page []byte, count, depth int, low, high []byte) error {
	if count == 0 || pageHeader+count*elemSize > len(page) {
		return fmt.Errorf("it has %d branches", count)
	}
	key := func(i int) ([]byte, uint64, bool) {
		at := pageHeader + i*elemSize
		e := page[at : at+elemSize]
		from, size := uint64(at)+uint64(binary.LittleEndian.Uint32(e)), uint64(binary.LittleEndian.Uint32(e[4:]))
		if from+size > uint64(len(page)) {
			return nil, 0, false
		}
		return page[from : from+size], binary.LittleEndian.Uint64(e[8:]), true
	}
	for i := range count {
		from, child, ok := key(i)
		if !ok {
			return fmt.Errorf("branch %d: %w", i, errShort)
		}
		if i == 0 && bytes.Compare(from, low) < 0 {
			return errOrder
		}
		to := high
		if i+1 < count {
			if to, _, ok = key(i + 1); !ok {
				return fmt.Errorf("branch %d: %w", i+1, errShort)
			}
		}
		if to != nil && bytes.Compare(from, to) >= 0 {
			return errOrder
		}
		if err := w.page(child, depth+1, from, to); err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWalk) leaf(page []byte, count, depth int, low, high []byte, inline bool) error {
	if pageHeader+count*elemSize > len(page) {
		return fmt.Errorf("it has %d rows", count)
	}
	before := low
	for i := range count {
		at := pageHeader + i*elemSize
		e := page[at : at+elemSize]
		from := uint64(at) + uint64(binary.LittleEndian.Uint32(e[4:]))
		keySize, valueSize := uint64(binary.LittleEndian.Uint32(e[8:])), uint64(binary.LittleEndian.Uint32(e[12:]))
		if from+keySize+valueSize > uint64(len(page)) {
			return fmt.Errorf("row %d: %w", i, errShort)
		}
		key, value := page[from:from+keySize], page[from+keySize:from+keySize+valueSize]
		if order := bytes.Compare(before, key); order > 0 || order == 0 && i > 0 || high != nil && bytes.Compare(key, high) >= 0 {
			return errOrder
		}
		before = key
		var err error
		switch flags := binary.LittleEndian.Uint32(e); {
		case flags == leafIsBucket && !inline:
			err = w.bucket(key, value, depth)
		case flags != 0:
			err = fmt.Errorf("row %d is of no known kind: %#x", i, flags)
		default:
			err = w.row(w.path, key, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bucket checks what is in a bucket.
func (w *pageWalk) bucket(name, header []byte, depth int) error {
	if len(header) < bucketHeader {
		return fmt.Errorf("bucket %q: %w", name, errShort)
	}
	w.path = append(w.path, name)
	defer func() { w.path = w.path[:len(w.path)-1] }()
	w.in(w.path, binary.LittleEndian.Uint64(header[8:]))
	if w.skip != nil && w.skip(w.path) {
		return nil
	}
	var err error
	if root := binary.LittleEndian.Uint64(header); root != 0 {
		err = w.page(root, depth+1, nil, nil)
	} else if page := header[bucketHeader:]; len(page) < pageHeader || binary.LittleEndian.Uint16(page[8:]) != flagLeaf {
		err = errShort
	} else {
		err = w.leaf(page, int(binary.LittleEndian.Uint16(page[10:])), depth, nil, nil, true)
	}
	if err != nil {
		return fmt.Errorf("bucket %q: %w", name, err)
	}
	return nil
}
