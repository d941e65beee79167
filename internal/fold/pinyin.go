package fold

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// A line is a syllable without its tone, a tab, and the characters usually read
// so; the first of them stands for all. A test writes it, with -update.
//
//go:embed pinyin.txt
var pinyinLines string

// heteronyms are the common characters with a second reading that people know,
// each with its further readings; those that only dictionaries have would find
// too much.
const heteronyms = `行hang 重chong 长zhang 乐yue 会kuai 还huan 都du 得dei,de 了liao 地di,de 着zhao,zhuo,zhe 率lv,shuai 调tiao,diao
藏zang,cang 朝chao,zhao 传zhuan,chuan 单shan,chan 弹dan,tan 大dai 度duo 恶wu,e 给ji,gei 和huo,he 角jue,jiao 降xiang,jiang 解xie
觉jiao,jue 落la,lao,luo 绿lu,lv 没mo,mei 模mu,mo 胖pan 炮bao,pao 便pian,bian 强jiang,qiang 色shai,se 厦xia,sha 折she,zhe
省xing,sheng 什shi,shen 数shuo,shu 说shui,shuo 宿xiu,su 提di,ti 系ji,xi 校jiao,xiao 血xie,xue 择zhai,ze 扎zha,za 薄bo,bao
参shen,cen,can 差chai,cha 车ju,che 称chen,cheng 石dan,shi 似shi,si 贾jia,gu 盛cheng,sheng 曾zeng,ceng 臭xiu,chou 畜xu,chu 伺ci,si
否pi,fou 脯pu,fu 嚼jue,jiao 圈juan,quan 卡qia,ka 壳qiao,ke 露lou,lu 埋man,mai 蔓man,wan 呢ni,ne 粘nian,zhan 迫pai,po 瀑pu,bao
翘qiao 茄jia,qie 塞sai,se 刹cha,sha 杉sha,shan 识zhi,shi 熟shou,shu 拓ta,tuo 尾yi,wei 吓he,xia 咽yan,ye 钥yao,yue 栅zha,shan
爪zhao,zhua 轧ga,ya 亲qing,qin 奇ji,qi 其ji,qi 期ji,qi 祭zhai,ji 柏bo,bai 剥bo,bao 伯bai,bo 澄deng,cheng 斗dou 囤tun,dun
杆gan 供gong 冠guan 号hao 喝he 核hu,he 混hun 缉ji,qi 济ji 佣yong 打da 红hong 覃tan 乘sheng,cheng 查zha,cha 阿e,a 仔zai,zi`

// readings are what a keyword's characters may sound like, as the table has it.
type readings struct {
	usual *pages          // of every character, the one that stands for its usual reading
	more  map[rune][]rune // of the heteronyms, those that stand for their readings
}

// mostReadings is how many readings of one keyword are looked for.
const mostReadings = 16

// sounds are the tables of pinyin, once they are needed.
var sounds = sync.OnceValue(func() *readings {
	s := &readings{usual: &pages{}, more: map[rune][]rune{}}
	first := map[string]rune{}
	for line := range strings.Lines(pinyinLines) {
		syllable, all, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			continue
		}
		stands, _ := utf8.DecodeRuneInString(all)
		first[syllable] = stands
		for _, r := range all {
			s.usual.set(r, stands)
		}
	}
	for entry := range strings.FieldsSeq(heteronyms) {
		r, size := utf8.DecodeRuneInString(entry)
		for syllable := range strings.SplitSeq(entry[size:], ",") {
			s.more[r] = append(s.more[r], first[syllable])
		}
	}
	return s
})

// everyHan has every usual Chinese character.
var everyHan = func() *oddHan {
	o := new(oddHan)
	for i := range o {
		o[i] = ^uint64(0)
	}
	return o
}()

// read adds to the foldings of a pattern those with the further readings that the
// characters of source have.
func (f *Folder) read(source string, words []string) []string {
	var plain []rune // the characters of the source that are in the foldings, in order
	for i := 0; i < len(source); {
		r, size := utf8.DecodeRuneInString(source[i:])
		if m, _ := f.at(source, i); m.class != dropped && chinese(m.r) {
			plain = append(plain, f.variants.of(r))
		}
		i += size
	}
	for at, r := range plain {
		for _, stands := range sounds().more[r] {
			for _, w := range words {
				if w = withHan(w, at, stands); len(words) < mostReadings && !slices.Contains(words, w) {
					words = append(words, w)
				}
			}
		}
	}
	return words
}

// withHan is s with another Chinese character at that place among its Chinese ones.
func withHan(s string, at int, other rune) string {
	for i, r := range s {
		if !chinese(r) {
			continue
		}
		if at == 0 {
			return s[:i] + string(other) + s[i+utf8.RuneLen(r):]
		}
		at--
	}
	return s
}
