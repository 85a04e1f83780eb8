"""Words for units of measure as invoices print them, and their codes of UN/ECE Recommendation 20."""

import re
import unicodedata
from functools import lru_cache

_WORDS = """
H87: stk stck stuck stueck st pc pcs pce pcse piece pieces pces piece(s) stuks stuk pz pzi pezzo pezzi ud uds
H87: unidad unidades unita unite unites unit units u ea each un nr anzahl h87 pieza piezas stks art exemplar
H87: exemplare ex exemplaire exemplaires
C62: einheit einheiten eh eenheid eenheden c62 one
HUR: h std stde stdn stunde stunden hr hrs hour hours heure heures ora ore hora horas uur uren hur stunden/h
MIN: min mins minute minuten minutes minuto minuti minutos minuut
SEC: sec sek sekunde sekunden seconds
DAY: tag tage tagen day days jour jours giorno giorni dia dias dag dagen pt personentag personentage manntag d
WEE: woche wochen week weeks semaine semaines settimana settimane semana semanas weken wk
MON: monat monate monaten mon mt month months mois mese mesi mes meses maand maanden mth
ANN: jahr jahre year years an ans annee annees anno anni ano anos jaar jaren
KGM: kg kgs kilo kilos kilogramm kilogram kilograms kilogramme kgm
GRM: g gr gramm gram grams grammes grm
TNE: t to tonne tonnen tonnes ton tons tonnellate toneladas tne
MGM: mg
MTR: m mtr lfm lfdm meter metre metres metri metro metros lm ml. lfd.m
CMT: cm cmt
MMT: mm mmt
KMT: km kilometer kilometre kilometres kmt
MTK: m2 m² qm mq mtk quadratmeter
MTQ: m3 m³ cbm mc mtq kubikmeter fm rm
LTR: l ltr lt liter litre litres litri litros ltrs
MLT: ml mlt
CLT: cl
HLT: hl
KWH: kwh
MWH: mwh
KWT: kw
LS: psch pausch pauschal pauschale psl paush ls lump lumpsum forfait forfaitaire forf forfettario ps post pau
LS: flat
XPK: pkg packung packungen pack packs pak package packages pck pkt paket pakete vpe verpackung paquet paquets
XPK: pakken confezione confezioni conf pa
XBX: box boxes boite boites schachtel scatola scatole caja cajas doos dozen
XCT: karton kartons krt kt carton cartons ktn ctn cartone cartoni
XBG: beutel sack bag bags sac sacs sacchi bolsa bolsas
XBO: flasche flaschen fl bottle bottles bouteille bouteilles bottiglia bottiglie botella botellas fles flessen
XBO: btl
XCA: dose dosen can cans
XCS: kiste kisten case cases caisse caisses
XRO: rolle rollen ro roll rolls rouleau rouleaux rotolo rotoli rollo rollos rol
XPX: palette paletten pal pallet pallets palettes bancale bancali
XCR: crate crates krat kratten
XTU: tube tuben tubes
XBE: bund bd bundle
PR: paar pair pairs paire paires paio paia par pares prs paren
SET: set sets satz satze kit kits garnitur jeu
DZN: dtz dutzend dozens dzn douzaine dozzina docena
XBR: blatt bl sheet sheets feuille feuilles bogen
CEN: hundert
MIL: tsd tausend
P1: %
"""
_CODE_LENGTH = 3
_CODES = {
    word: code
    for code, _, words in (line.partition(":") for line in _WORDS.strip().splitlines())
    for word in words.split()
}
_CODES |= {code.casefold(): code for code in set(_CODES.values()) if len(code) == _CODE_LENGTH}
_PER = re.compile(r"^(?:pro|per|je|par|a|à|/)?\s*(.*?)[.:;,)]*$")


@lru_cache(maxsize=4096)
def unit_code(text: str) -> str:
    """Return the code for a word such as ``Stück``, ``pcs.``, ``Std`` or ``heures``; '' where it is no unit.

    A code of Recommendation 20 that is printed as such stands for itself where the list here knows it.
    """
    folded = unicodedata.normalize("NFKD", text.strip().strip("([])").casefold())
    folded = "".join(letter for letter in folded if not unicodedata.combining(letter))
    if folded in _CODES:
        return _CODES[folded]
    found = _PER.match(folded)
    return _CODES.get(found.group(1), "") if found else ""
