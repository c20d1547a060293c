"""The names tools and languages give a column, best first, and how a header cell is compared with them."""

import re
from collections.abc import Mapping, Sequence

from domain.planner.exports.wording import keyword_key

_KEYWORD = (
    "keyword|keywords|key phrase|keyphrase|top queries|query|queries|search query|search queries|search term|"
    "search terms|term|terms|phrase|suchbegriff|suchbegriffe|suchanfrage|suchanfragen|häufigste suchanfragen|"
    "schlüsselwort|mot-clé|mots-clés|mot clé|requête|requêtes|requêtes les plus fréquentes|principales requêtes|"
    "palabra clave|palabras clave|consulta|consultas|consultas principales|parola chiave|parole chiave|"
    "query principali|query più frequenti|palavra-chave|palavras-chave|principais consultas|consultas mais frequentes|"
    "consultas principais|zoekwoord|zoekwoorden|zoekterm|zoekopdracht|zoekopdrachten|populairste zoekopdrachten|"
    "najpopularniejsze zapytania|najczęstsze zapytania|zapytanie|słowo kluczowe|nejčastější dotazy|klíčové slovo|"
    "vanligaste sökfrågorna|sökord|nyckelord|populære forespørgsler|søgeord|søkeord|en popüler sorgular|"
    "en çok yapılan sorgular|anahtar kelime|популярные запросы|поисковый запрос|запрос|запросы|ключевое слово|"
    "上位のクエリ|クエリ|キーワード|인기 검색어|키워드|热门查询|熱門查詢|关键词|關鍵字|search keyword|text|utterance"
)
_NAMES = {
    "keyword": _KEYWORD,
    "country": "country|country code|database|market|land|pays|país|paese",
    "language": "language|languages|sprache|langue|idioma|lingua|taal",
    "locale": "locale",
    "volume": "volume|search volume|avg. monthly searches|avg. monthly searches (exact match only)|"
    "avg. search volume|avg. search volume (last known values)|average monthly searches|monthly searches|"
    "monthly search volume|monthly volume|avg. volume|average search volume|searches|sv|search vol.|vol.|vol|"
    "suchvolumen|durchschnittl. suchanfragen pro monat|volume de recherche|volumen|volumen de búsqueda|"
    "volume di ricerca|volume de pesquisa|zoekvolume|global volume",
    "volume_low": "min volume|min. volume|min search volume",
    "volume_high": "max volume|max. volume|max search volume",
    "difficulty": "keyword difficulty|difficulty|kd|kd %|kd%|keyword difficulty %|keyword difficulty index|"
    "keyword difficulty (kd)|seo difficulty|search difficulty|sd|schwierigkeit|difficulté|dificultad|difficoltà|"
    "dificuldade|moeilijkheid",
    "cpc": "cpc|avg. cpc|average cpc|cost per click|suggested bid|kosten pro klick",
    "cpc_low": "top of page bid (low range)",
    "cpc_high": "top of page bid (high range)",
    "currency": "currency|currency code|währung|devise|moneda|valuta|moeda",
    "competition": "competition (indexed value)|competition index|competitive density|com.|paid difficulty|pd|"
    "competition",
    "intent": "intent|intents|search intent|keyword intent|keyword intents|user intent|search intents",
    "parent_topic": "parent topic|parent keyword",
    "serp_features": "serp features|serp features by keyword|serp feature",
    "clicks": "clicks|klicks|clics|clic|cliques|klikken|kliknięcia|kliknutí|klick|klik|tıklama|tıklamalar|клики|"
    "クリック数|클릭수|点击次数|點擊次數",
    "impressions": "impressions|impressionen|impresiones|impressioni|impressões|vertoningen|wyświetlenia|zobrazení|"
    "visningar|exponeringar|eksponeringer|görüntüleme|gösterimler|показы|表示回数|노출수|展示次数|曝光",
    "position": "position|average position|avg. position|avg position|rank|durchschnittliche position|"
    "position moyenne|posición|posición media|posizione|posizione media|posição|posição média|positie|"
    "gemiddelde positie|pozycja|średnia pozycja|pozice|průměrná pozice|genomsnittlig position|ortalama konum|"
    "konum|позиция|средняя позиция|掲載順位|평균 게재순위|平均排名",
}
NAMES = {field: tuple(keyword_key(name) for name in names.split("|")) for field, names in _NAMES.items()}

_QUALIFIED = re.compile(r"(.+?)\s*[(\[](.+)[)\]]")
_CODES = {"us$": "USD", "$": "USD", "€": "EUR", "£": "GBP"}


def named(headers: Sequence[str]) -> dict[str, int]:
    """Where each header is, also under its name without what follows in brackets; the first of equals counts."""
    names = [keyword_key(header).strip("\"'") for header in headers]
    places: dict[str, int] = {}
    for index, name in enumerate(names):
        places.setdefault(name, index)
    for index, name in enumerate(names):
        if qualified := _QUALIFIED.fullmatch(name):
            places.setdefault(qualified[1], index)
    return places


def assigned(places: Mapping[str, int]) -> dict[str, int]:
    """Which column fills which field."""
    found = {field: next((places[name] for name in names if name in places), None) for field, names in NAMES.items()}
    return {field: index for field, index in found.items() if index is not None}


def currency_of(header: str) -> str | None:
    """The currency a header such as `CPC (USD)` names."""
    qualified = _QUALIFIED.fullmatch(keyword_key(header))
    if not qualified:
        return None
    code = _CODES.get(qualified[2], qualified[2].upper())
    return code if len(code) == 3 and code.isascii() and code.isalpha() else None
