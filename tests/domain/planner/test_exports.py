"""Every tool's export, and every quirk of real files, as one kind of row."""

import io
import tracemalloc
from collections.abc import Iterator
from itertools import chain, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.planner.exports import Export, ExportError, KeywordRow, RejectedRow, keyword_key, open_export, open_text
from persistence.terms import Intent, KeywordSource

AHREFS = (
    "#,Keyword,Country,Difficulty,Volume,CPC,CPS,Parent Keyword,Last Update,SERP Features,Global volume,"
    "Traffic potential,Global traffic potential,First seen,Intents"
)
MAGIC = "Keyword,Intent,Volume,Keyword Difficulty,CPC (USD),Competitive Density,SERP Features"
ORGANIC = (
    "Keyword,Position,Previous position,Search Volume,Keyword Difficulty,CPC,URL,Traffic,Traffic (%),Traffic Cost,"
    "Competition,Number of Results,Trends,Timestamp,SERP Features by Keyword,Keyword Intents,Position Type"
)
PLANNER = (
    "Keyword\tCurrency\tAvg. monthly searches\tThree month change\tYoY change\tCompetition\t"
    "Competition (indexed value)\tTop of page bid (low range)\tTop of page bid (high range)"
)


def opened(content: str | bytes) -> Export:
    return open_export(io.BytesIO(content.encode() if isinstance(content, str) else content))


def rows(export: Export) -> list[KeywordRow]:
    return [row for batch in export.batches() for row in batch.rows]


def rejected(export: Export) -> list[RejectedRow]:
    return [row for batch in export.batches() for row in batch.rejected]


def only(export: Export) -> KeywordRow:
    [row] = rows(export)
    assert not rejected(export)
    return row


def failure(content: str | bytes) -> ExportError:
    with pytest.raises(ExportError) as caught:
        opened(content)
    return caught.value


class TestTools:
    def test_ahrefs(self) -> None:
        export = opened(
            f"{AHREFS}\r\n1,Pallet Racks,us,12,1300,1.60,0.64,racking,2025-01-01,"
            '"People also ask,Top stories",9000,5000,6000,2015-01-01,"Informational,Commercial,Non-branded,Local"\r\n'
            "2,acme racks,gb,,,,,,,,,,,,Branded\r\n"
        )
        full, sparse = rows(export)
        assert export.format is KeywordSource.AHREFS_KEYWORDS
        assert full == KeywordRow(
            line=2,
            keyword="Pallet Racks",
            key="pallet racks",
            country="US",
            volume=1300,
            difficulty=12,
            cpc_micros=1_600_000,
            intent=(Intent.INFORMATIONAL, Intent.COMMERCIAL),
            is_branded=False,
            is_local=True,
            parent_topic="racking",
            serp_features=("People also ask", "Top stories"),
        )
        assert sparse == KeywordRow(line=3, keyword="acme racks", key="acme racks", country="GB", is_branded=True)

    def test_newer_ahrefs_columns(self) -> None:
        header = f"{AHREFS},Languages,SV trend (01-2024 - 01-2025),Category"
        row = only(opened(f'{header}\n1,racks,us,12,30,,,,,,,,,,informational,en,"1,2,3",Storage\n'))
        assert (row.language, row.volume, row.intent) == ("en", 30, (Intent.INFORMATIONAL,))

    def test_semrush_keyword_magic(self) -> None:
        export = opened(f'{MAGIC}\r\nracks,"Commercial, Transactional",40500,84,0.97,0.26,"Sitelinks, Image"\r\n')
        row = only(export)
        assert (export.format, export.encoding, export.delimiter) == ("SEMRUSH_KEYWORD_MAGIC", "utf-8", ",")
        assert (row.volume, row.difficulty, row.cpc_micros, row.currency) == (40500, 84, 970_000, "USD")
        assert (row.competition, row.serp_features) == (26, ("Sitelinks", "Image"))
        assert row.intent == (Intent.COMMERCIAL, Intent.TRANSACTIONAL)

    def test_semrush_keyword_magic_with_columns_off_and_another_currency(self) -> None:
        export = opened("Keyword;Volume;Keyword Difficulty;CPC (EUR);Competitive Density\nregal;110;;0,35;1\n")
        row = only(export)
        assert (export.format, export.delimiter) == (KeywordSource.SEMRUSH_KEYWORD_MAGIC, ";")
        assert (row.cpc_micros, row.currency, row.difficulty, row.competition) == (350_000, "EUR", None, 100)

    def test_semrush_organic_positions(self) -> None:
        data = (
            "racks,3,5,1900,45.6,1.2,https://a.test/x,10,1.5,12,0.07,1000,,2025-01-01,Sitelinks,informational,Organic"
        )
        export = opened(f"{ORGANIC}\n{data}\n{data.replace('/x', '/y')}\n")
        first, second = rows(export)
        assert export.format is KeywordSource.SEMRUSH_ORGANIC_POSITIONS
        assert (first.key, second.key) == ("racks", "racks")
        assert (first.position_hundredths, first.volume, first.difficulty, first.competition) == (300, 1900, 46, 7)

    def test_semrush_api_codes(self) -> None:
        export = opened("database;Keyword;Search Volume;Keyword Difficulty Index;Intent\nuk;racks;90;33.5;0,3\n")
        row = only(export)
        assert export.format is KeywordSource.SEMRUSH_API
        assert (row.country, row.volume, row.difficulty) == ("GB", 90, 34)
        assert row.intent == (Intent.COMMERCIAL, Intent.TRANSACTIONAL)

    def test_google_keyword_planner_in_utf16_after_a_preamble(self) -> None:
        text = (
            'Keyword Stats 2025-01-02 at 10_00_00\r\n"January 1, 2024 - December 31, 2024"\r\n'
            f"{PLANNER}\r\nracks\tUSD\t5000\t0%\t∞\tLow\t23\t1.00\t4.00\r\n"
        )
        export = opened(b"\xff\xfe" + text.encode("utf-16-le"))
        row = only(export)
        assert export.format is KeywordSource.GOOGLE_KEYWORD_PLANNER
        assert (export.encoding, export.delimiter, export.header_line, row.line) == ("utf-16-le", "\t", 3, 4)
        assert (row.volume, row.competition, row.currency, row.cpc_micros) == (5000, 23, "USD", 2_000_000)

    def test_search_console(self) -> None:
        export = opened(
            'Top queries,Clicks,Impressions,CTR,Position\n"rack\nprices",15,"1,314",4.78%,10.04\nb,0,9,0%,1\n'
        )
        first, second = rows(export)
        assert export.format is KeywordSource.GOOGLE_SEARCH_CONSOLE
        assert (first.keyword, first.clicks, first.impressions) == ("rack prices", 15, 1314)
        assert (first.position_hundredths, first.line, second.line) == (1004, 2, 4)

    @pytest.mark.parametrize(
        "header",
        [
            "Häufigste Suchanfragen;Klicks;Impressionen;CTR;Position",
            "Requêtes les plus fréquentes,Clics,Impressions,CTR,Position",
            "Consultas principales,Clics,Impresiones,CTR,Posición",
            "Query principali,Clic,Impressioni,CTR,Posizione",
            "Principais consultas,Cliques,Impressões,CTR,Posição",
            "Populairste zoekopdrachten\tKlikken\tVertoningen\tCTR\tPositie",
            "上位のクエリ,クリック数,表示回数,CTR,掲載順位",
        ],
    )
    def test_search_console_in_other_languages(self, header: str) -> None:
        mark = next(mark for mark in ";\t," if mark in header)
        export = opened(f"{header}\n{mark.join(['x', '7', '70', '10%', '1.5'])}\n")
        row = only(export)
        assert export.format is KeywordSource.GOOGLE_SEARCH_CONSOLE
        assert (row.clicks, row.impressions, row.position_hundredths) == (7, 70, 150)

    def test_moz_list_after_its_preamble(self) -> None:
        preamble = "Keyword list: mine\nOwner: me\nLocale: en-US\nKeywords,2\nRun: today\n\n# ---\n"
        header = "Keyword,Locale,Min Volume,Max Volume,Difficulty,Organic CTR,Importance,Priority,Date Analyzed"
        export = opened(f"{preamble}{header}\nracks,en-US,400,900,39,61,3,50,2025-01-01\nshelves,en-GB,,900,,,,,\n")
        first, second = rows(export)
        assert (export.format, export.header_line) == (KeywordSource.MOZ_LIST, 8)
        assert (first.language, first.country, first.volume, first.difficulty) == ("en", "US", 600, 39)
        assert (second.country, second.volume) == ("GB", 900)

    def test_mangools(self) -> None:
        header = '"Keyword","Avg. Search Volume (Last Known Values)","Search Volume 1/2025","Keyword Difficulty",'
        export = opened(f'{header}"Search Intent","Serp Features"\n"racks","320","300","21","Transactional","Images"\n')
        row = only(export)
        assert export.format is KeywordSource.MANGOOLS
        assert (row.volume, row.difficulty, row.intent) == (320, 21, (Intent.TRANSACTIONAL,))

    def test_ubersuggest(self) -> None:
        export = opened("Keyword,Search Volume,SEO Difficulty,Paid Difficulty,CPC\nracks,720,31,1,$0.55\n")
        row = only(export)
        assert export.format is KeywordSource.UBERSUGGEST
        assert (row.volume, row.difficulty, row.competition, row.cpc_micros) == (720, 31, 1, 550_000)


class TestGeneric:
    def test_any_table_with_a_column_of_queries(self) -> None:
        export = opened('label\ttext\nrent\thow do i rent\nrent\t"an open quote\n')
        assert (export.format, export.delimiter) == (KeywordSource.GENERIC, "\t")
        assert [row.keyword for row in rows(export)] == ["how do i rent", '"an open quote']

    def test_synonyms_and_own_columns(self) -> None:
        row = only(opened("Owner;Search term;Monthly searches;KD;User intent;Competition\nme;racks;90;7;i/n;0,5\n"))
        assert (row.keyword, row.volume, row.difficulty, row.competition) == ("racks", 90, 7, 50)
        assert row.intent == (Intent.INFORMATIONAL, Intent.NAVIGATIONAL)

    def test_plain_list(self) -> None:
        export = open_text('pallet racks\r\n\r\nracks, used\nbest 5" pipe\n"exact match"\n"open\n')
        assert (export.format, export.header_line, export.delimiter) == (KeywordSource.GENERIC, 0, "")
        assert [(row.line, row.keyword) for row in rows(export)] == [
            (1, "pallet racks"),
            (3, "racks, used"),
            (4, 'best 5" pipe'),
            (5, "exact match"),
            (6, '"open'),
        ]

    def test_a_keyword_that_reads_like_a_header_stays_a_keyword(self) -> None:
        for gap in ("\n", "\n\n"):
            assert [row.keyword for row in rows(open_text(gap.join(["seo", "keywords", "links"])))] == [
                "seo",
                "keywords",
                "links",
            ]

    def test_table_after_a_preamble_and_a_gap(self) -> None:
        export = opened("Report of May\n\nTeam,Keyword\na,racks\n")
        assert (export.header_line, only(export).keyword) == (3, "racks")

    def test_list_with_a_header(self) -> None:
        export = open_text("Keyword\nracks, used\nshelves")
        assert (export.header_line, [row.keyword for row in rows(export)]) == (1, ["racks, used", "shelves"])

    def test_sep_directive_and_repeated_header_and_padding(self) -> None:
        export = opened("sep=;\nKeyword;Volume;;\na;1;;\n;;;\nKeyword;Volume;;\nb\n")
        assert [(row.keyword, row.volume) for row in rows(export)] == [("a", 1), ("b", None)]
        assert rejected(export) == []


class TestNumbers:
    @pytest.mark.parametrize(
        ("cell", "volume"),
        [
            ("1,300", 1300),
            ("1'300", 1300),
            ("1’300", 1300),
            ("1.300", 1300),
            ("1 300", 1300),
            ("1\u00a0300", 1300),
            ("1\u202f300", 1300),
            ("1,234,567", 1_234_567),
            ("1,23,456", 123_456),
            ("1.234,0", 1234),
            ("110.0", 110),
            ("1.00E+05", 100_000),
            ("1.5K", 1500),
            ("2,5 Mio.", 2_500_000),
            ("10K – 100K", 31_623),
            ("100 k – 1 M", 316_228),
            ("100-1000", 316),
            ("0 – 10", 5),
            (">1000", 1000),
            ("", None),
            (" --", None),
            ("∞", None),
            ("-100%", None),
            ("33.33%", None),
            ("-5", None),
            ("n/a", None),
            ("nan", None),
            ("1e999", None),
            ("2025-01-05", None),
            ("05-12", None),
            ("Jan-24", None),
            ("12.05.2024", None),
            ("99999999999", None),
            ("9" * 5000, None),
            ("1 tſd", 1000),
        ],
    )
    def test_volume(self, cell: str, volume: int | None) -> None:
        assert only(opened(f'Keyword,Volume\nracks,"{cell}"\n')).volume == volume

    @pytest.mark.parametrize(
        ("cell", "cpc"),
        [("0.34", 340_000), ("$1.60", 1_600_000), ("0,50 €", 500_000), ("US$1,234.50", 1_234_500_000), ("-", None)],
    )
    def test_cpc(self, cell: str, cpc: int | None) -> None:
        assert only(opened(f'Keyword,CPC (GBP)\nracks,"{cell}"\n')).cpc_micros == cpc

    @pytest.mark.parametrize(
        ("cell", "difficulty"), [("0", 0), ("45.5", 46), ("62%", 62), ("101", None), ("Easy", None)]
    )
    def test_difficulty(self, cell: str, difficulty: int | None) -> None:
        assert only(opened(f"Keyword,Difficulty\nracks,{cell}\n")).difficulty == difficulty

    @pytest.mark.parametrize(("cell", "position"), [("12.34", 1234), ("12,34", 1234), ("1", 100), ("0", None)])
    def test_position(self, cell: str, position: int | None) -> None:
        assert only(opened(f'Query,Position\nracks,"{cell}"\n')).position_hundredths == position


class TestEncodings:
    @pytest.mark.parametrize(
        ("codec", "mark", "found"),
        [
            ("utf-8", b"", "utf-8"),
            ("utf-8", b"\xef\xbb\xbf", "utf-8-sig"),
            ("utf-16-le", b"\xff\xfe", "utf-16-le"),
            ("utf-16-be", b"\xfe\xff", "utf-16-be"),
            ("utf-16-le", b"", "utf-16-le"),
            ("utf-16-be", b"", "utf-16-be"),
            ("cp1252", b"", "cp1252"),
        ],
    )
    def test_each_is_found(self, codec: str, mark: bytes, found: str) -> None:
        export = opened(mark + '"Keyword","Volume"\n"café crème",5\n"größe",6\n'.encode(codec))
        assert export.encoding == found
        assert [row.keyword for row in rows(export)] == ["café crème", "größe"]

    @pytest.mark.parametrize(
        ("codec", "keyword"),
        [("cp1251", "купить диван недорого"), ("cp1250", "źródło światła"), ("shift_jis", "東京 ホテル")],
    )
    def test_other_code_pages(self, codec: str, keyword: str) -> None:
        assert only(opened(f"Keyword,Volume\n{keyword},5\n".encode(codec))).keyword == keyword

    def test_unmarked_utf16_of_another_script(self) -> None:
        export = opened("キーワード\tVolume\n東京　ホテル\t5\n".encode("utf-16-le"))
        assert (export.encoding, only(export).keyword) == ("utf-16-le", "東京 ホテル")

    def test_damage_far_into_the_file_costs_its_rows_only(self) -> None:
        content = b"Keyword,Volume\n" + b"racks,1\n" * 40_000 + b"caf\xe9,2\nshelves,3\xff\n"
        export = opened(content)
        assert len(rows(export)) == 40_001
        assert rejected(export) == [RejectedRow(40_002, "Keyword: contains characters that cannot be decoded")]

    def test_damage_near_the_beginning_leaves_the_rest_as_it_is(self) -> None:
        export = opened("Keyword,Volume\ncafé,1\ncrème,2\nbrûlée,3\n".encode() + b"caf\xe9,4\n")
        assert [row.keyword for row in rows(export)] == ["café", "crème", "brûlée"]
        assert [row.line for row in rejected(export)] == [5]

    def test_line_ends_of_every_system(self) -> None:
        for end in ("\n", "\r\n", "\r"):
            assert [row.line for row in rows(opened(end.join(["Keyword,Volume", "a,1", "b,2"])))] == [2, 3]


class TestRejections:
    def test_reasons_name_column_and_problem(self) -> None:
        export = opened(f"Search query,Volume\n ,5\n{'x' * 256},1\na\0b,2\n\u200b,3\nfine,4\na,b,5\n")
        assert [row.keyword for row in rows(export)] == ["fine"]
        assert rejected(export) == [
            RejectedRow(2, "Search query: no keyword text"),
            RejectedRow(3, "Search query: longer than 255 characters"),
            RejectedRow(4, "Search query: contains a control character"),
            RejectedRow(5, "Search query: no keyword text"),
            RejectedRow(7, "row: 3 cells where the header has 2"),
        ]

    def test_an_open_quote_costs_one_line(self) -> None:
        for others in ("row {},1", '"row {}",1'):
            export = opened("Keyword,Volume\n" + '"open,9\n' + "".join(others.format(n) + "\n" for n in range(200)))
            assert len(rows(export)) == 200
            assert rejected(export) == [RejectedRow(2, "row: a quoted cell is not closed")]

    def test_an_open_quote_on_the_last_line(self) -> None:
        export = opened('Keyword,Volume\na,1\n"open,9')
        assert [row.line for row in rows(export)] == [2]
        assert [row.line for row in rejected(export)] == [3]

    def test_stray_quotes_inside_a_cell_are_kept(self) -> None:
        export = opened('Keyword,Volume\n"the "best" racks",5\n5" pipe,6\n')
        assert [row.volume for row in rows(export)] == [5, 6]

    def test_a_line_without_end_costs_itself(self) -> None:
        export = opened("Keyword,Volume\n" + "x" * 300_000 + "\nracks,1\n")
        assert [(row.line, row.keyword) for row in rows(export)] == [(3, "racks")]
        assert rejected(export) == [RejectedRow(2, "row: a line longer than 65,536 characters")]

    def test_a_keyword_that_became_a_date_is_kept(self) -> None:
        assert only(opened("Keyword,Volume\n2025-05-01,Jan-24\n")).keyword == "2025-05-01"


class TestFailures:
    @pytest.mark.parametrize("content", [b"", b" \r\n\t", b"\xef\xbb\xbf", b"\xff\xfe"])
    def test_empty(self, content: bytes) -> None:
        assert failure(content).code == "EMPTY"

    @pytest.mark.parametrize(
        "content",
        [
            b"PK\x03\x04\x14\0\x06\0[Content_Types].xml",
            b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            b"\0\1\2\3\4 junk \0\0\xff",
            b"\x81\x8d\x8f\x90\x9d" * 20,
            b"<!DOCTYPE html>\n<html><body>keywords</body></html>",
            b'[{"keyword": "racks"}]',
            b"?!\n--\n***\n",
        ],
    )
    def test_unreadable(self, content: bytes) -> None:
        error = failure(content)
        assert error.code == "UNREADABLE"
        assert "CSV" in error.message

    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_no_keyword_column(self, mark: str) -> None:
        error = failure("\n".join(mark.join(cells) for cells in [("Page", "Hits"), ("/a", "1"), ("/b", "2")]))
        assert error.code == "NO_KEYWORD_COLUMN"
        assert '"Page", "Hits"' in error.message

    def test_table_that_several_delimiters_cut_evenly(self) -> None:
        assert failure("Page;Hits, all\n/a;1,5\n/b;2,5\n/c;3,5\n").code == "NO_KEYWORD_COLUMN"


class TestStreaming:
    def test_batches_are_cut_to_size_and_can_be_read_again(self) -> None:
        export = opened("Keyword,Volume\n" + "".join(f"k{n},{n}\n" for n in range(11)))
        assert [len(batch.rows) for batch in export.batches(4)] == [4, 4, 3]
        assert len(rows(export)) == 11

    def test_the_stream_stays_open(self) -> None:
        stream = io.BytesIO(b"Keyword,Volume\na,1\n")
        rows(open_export(stream))
        assert not stream.closed

    def test_memory_is_flat(self) -> None:
        export = open_export(Endless(8_000_000))
        tracemalloc.start()
        total = sum(len(batch.rows) for batch in export.batches(500))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert total > 10_000
        assert peak < 3_000_000


class Endless(io.BytesIO):
    """A file of long rows that is never in memory as a whole."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._blocks: Iterator[bytes] = iter(())

    def seek(self, offset: int, whence: int = 0) -> int:
        block = (b"racks,5," + b"n" * 500 + b"\n") * 100
        self._blocks = chain([b"Keyword,Volume,Notes\n"], repeat(block, self._size // len(block)))
        return 0

    def read(self, size: int | None = -1) -> bytes:
        return next(self._blocks, b"")


class TestKey:
    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("  Pallet \n Racks ", "pallet racks"),
            ("Straße", "strasse"),
            ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
            ("cafe\u0301", "café"),
            ("ra\u200bcks\ufeff", "racks"),
            ("non\u00a0breaking", "non breaking"),
        ],
    )
    def test_same_keyword_same_key(self, text: str, key: str) -> None:
        assert keyword_key(text) == key

    @given(st.text())
    def test_is_stable(self, text: str) -> None:
        assert keyword_key(keyword_key(text)) == keyword_key(text)

    def test_display_keeps_case_and_composes(self) -> None:
        assert only(open_text("Cafe\u0301\u00a0 Noir")).keyword == "Café Noir"


def consume(export: Export) -> None:
    for batch in export.batches(7):
        for row in batch.rows:
            assert 1 <= len(row.keyword) <= 255
            assert row.key == keyword_key(row.keyword)
            assert row.volume is None or 0 <= row.volume <= 2_147_483_647
            assert row.difficulty is None or 0 <= row.difficulty <= 100
            assert row.competition is None or 0 <= row.competition <= 100
        assert all(row.line >= 1 and row.reason for row in batch.rejected)


JUNK = st.binary(max_size=400) | st.lists(
    st.sampled_from([b"keyword", b"volume", b"cpc", b",", b";", b"\t", b'"', b"\n", b"\r", b"\0", b"1.300", b"\xff"])
).map(b"".join)


def outcome(content: bytes | str) -> Export | str:
    try:
        return opened(content) if isinstance(content, bytes) else open_text(content)
    except ExportError as error:
        return error.code


def assert_sound(result: Export | str) -> None:
    if isinstance(result, Export):
        consume(result)
    else:
        assert result in {"EMPTY", "UNREADABLE", "NO_KEYWORD_COLUMN"}


STARTS = st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"Keyword,Volume,CPC,Competition,Intent\n"])


@settings(max_examples=300, deadline=None)
@given(STARTS, JUNK)
def test_any_bytes_are_an_export_or_an_export_error(start: bytes, junk: bytes) -> None:
    assert_sound(outcome(start + junk))


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=[]), max_size=200))
def test_any_text_is_an_export_or_an_export_error(text: str) -> None:
    assert_sound(outcome(text))
