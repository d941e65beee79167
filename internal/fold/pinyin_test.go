package fold

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mozillazg/go-pinyin"
)

var update = flag.Bool("update", false, "write pinyin.txt anew from go-pinyin")

// usualReadings correct what the dictionary has first.
const usualReadings = `似si 调tiao 厦xia 什shen`

func pinyinTable() string {
	args := pinyin.NewArgs()
	byReading := map[string][]rune{}
	usual := map[rune]string{}
	for entry := range strings.FieldsSeq(usualReadings) {
		r := []rune(entry)
		usual[r[0]] = string(r[1:])
	}
	for r := rune(firstHan); r <= lastHan; r++ {
		reading, ok := usual[r]
		if all := pinyin.SinglePinyin(r, args); !ok && len(all) > 0 {
			reading, ok = all[0], true
		}
		if ok {
			byReading[reading] = append(byReading[reading], r)
		}
	}
	var b strings.Builder
	b.WriteString("# Written by `go test ./internal/fold -run Pinyin -update` from go-pinyin; do not edit.\n")
	for _, reading := range slices.Sorted(maps.Keys(byReading)) {
		all := byReading[reading]
		stands := slices.IndexFunc(all, func(r rune) bool { return variants().of(r) == r })
		if stands < 0 {
			continue // it would have to stand for another reading
		}
		first := all[stands]
		b.WriteString(reading + "\t" + string(first) + string(slices.Delete(all, stands, stands+1)) + "\n")
	}
	return b.String()
}

func TestTheTableOfPinyinIsThatOfTheDictionary(t *testing.T) {
	want := pinyinTable()
	if *update {
		if err := os.WriteFile("pinyin.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != pinyinLines {
		t.Error("pinyin.txt is out of date: go test ./internal/fold -run Pinyin -update")
	}
}
