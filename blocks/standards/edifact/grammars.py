"""Which segments a message may have and in what order, as data (UN/EDIFACT directories D.96A and D.01B).

One text per message type, read from left to right: ``!`` marks what must be there, ``*`` what may repeat, brackets a
segment group, which may be repeated and begins with its trigger;
``)!`` a group that must be there. ``@NAME`` stands for a part several messages share.
Each text is the union of both directories: a segment that only one of them allows at a place is not refused, because
partners are known to use later segments in earlier releases. UNH and UNT stand around every text.
"""

PARTS = {
    "REF": "(RFF! DTM*)",
    "REF_LONG": "(RFF! DTM* GIR* LOC* MEA* QTY* FTX* MOA*)",
    "PARTY": "(NAD! LOC* FII* MOA* (RFF! DTM*) (DOC! DTM*) (CTA! COM*) (TAX! MOA* LOC*))",
    "TAX": "(TAX! MOA* LOC*)",
    "CUX": "(CUX! PCD* DTM*)",
    "PAT": "(PAT! DTM* PCD* MOA* PAI FII*)",
    "TDT": "(TDT! TSR PCD* (LOC! DTM*) (RFF! DTM*))",
    "TOD": "(TOD! LOC* FTX*)",
    "PACKS": "(PAC! MEA* QTY* DTM* EQD* (RFF! DTM*) (PCI! RFF DTM* GIN*))",
    "EQD": "(EQD! HAN* MEA* SEL* EQA* FTX* (HAN! FTX*))",
    "SCC": "(SCC! FTX* RFF* (QTY! DTM*))",
    "APR": "(APR! DTM* RNG*)",
    "ALC": "(ALC! ALI* DTM* FTX* (RFF! DTM*) (QTY! RNG) (PCD! RNG) (MOA! RNG CUX DTM) (RTE! RNG) (TAX! MOA*))",
    "RCS": "(RCS! RFF* DTM* FTX*)",
    "AJT": "(AJT! FTX*)",
    "INP": "(INP! FTX*)",
    "PRI": "(PRI! CUX APR RNG DTM*)",
    "HEAD": "BGM! DTM*! PAI* ALI* IMD* FTX* LOC* GIS* GEI* DGS* GIR* MEA* MOA*",
    "LINE": "LIN! PIA* IMD* MEA* QTY* PCD* ALI* DTM* MOA* GEI* GIN* GIR* QVR* EQD* DOC* PAI FTX*",
    "IN_LINE": "(MOA! CUX) (AJT! FTX*) (CCI! CAV* MEA*) @PAT @PRI @REF @PACKS (LOC! QTY* PCD DTM* ALI) @TAX "
    "(NAD! LOC* FII* (RFF! DTM*) (DOC! DTM*) (CTA! COM*)) @ALC @TDT @TOD @EQD @SCC @RCS "
    "(GIS! RFF* DTM* GIR* LOC* MEA* QTY* FTX* MOA*) @INP (STG! (QTY! MOA))",
    "CONTROL": "(UCS! UCD*)",
    "REPORT_LINE": "(LIN! "
    " PIA* IMD* MEA* QTY* PAC* ALI* DTM* LOC* MOA* PRI* GIN* GIR* HAN* QVR* RFF* DOC* PAI FTX* NAD* "
    "(INV! GIN* LOC* DTM* (QTY! GIN* LOC* DTM* MOA*)) (QTY! MKS* NAD* LOC* DTM* GIN* MOA* PRI* RFF* FTX* STS*) "
    "(PRI! CUX APR RNG DTM* MOA*) (MOA! CUX) @REF (NAD! LOC* (RFF! DTM*)) (LOC! QTY* DTM* MOA*) (PAC! MEA* QTY*) "
    "(CPI! CUX* MOA*) @TAX @ALC (STS! QTY* DTM* FTX*))",
    "PRICE_LINE": "(LIN! "
    " PIA* IMD* MEA* QTY* HAN* ALI* DTM* GIN* GIR* DOC* PAI LOC* DGS* PGI* MOA* FTX* (CCI! CAV* MEA*) "
    "@REF @PAT (CUX! DTM*) (NAD! LOC* (RFF! DTM*) (CTA! COM*)) @TAX (PAC! MEA* HAN* QTY* (PCI! RFF DTM* GIN*)) "
    "(PRI! CUX APR RNG DTM* LOC*) "
    "@ALC @TOD @TDT (APR! DTM* RNG*) (PAC! MEA* QTY* DTM* HAN*) (LOC! DTM* QTY*) (STG! QTY* MOA*))",
}

MESSAGES = {
    "ORDERS": "@HEAD @REF @PARTY @TAX @CUX @PAT @TDT @TOD @PACKS @EQD @SCC @APR @ALC @RCS (DGS! FTX*) "
    "(@LINE @IN_LINE) UNS! MOA* CNT* (ALC! ALI* MOA*)",
    "ORDRSP": "@HEAD @REF @AJT @PARTY @TAX @CUX @PAT @TDT @TOD @PACKS @EQD @SCC @APR @ALC @RCS (DGS! FTX*) "
    "(@LINE @IN_LINE) UNS! MOA* CNT* (ALC! ALI* MOA*)",
    "INVOIC": "@HEAD @REF_LONG @PARTY @TAX @CUX @PAT @TDT @TOD @PACKS @ALC @RCS @AJT @INP (@LINE @IN_LINE) "
    "UNS! CNT* (MOA! (RFF! DTM*))! (TAX! MOA* LOC*) (ALC! ALI* MOA* FTX*)",
    "DESADV": "BGM! DTM*! ALI* MEA* MOA* FTX* CUX* @REF @PARTY @TOD @TDT @EQD "
    "(CPS! FTX* (PAC! MEA* QTY* (HAN! FTX*) (PCI! RFF DTM* GIR* (GIN! DLM*))) "
    "(LIN! PIA* IMD* MEA* QTY* ALI* GIN* GIR* DLM* DTM* NAD* TDT* HAN* FTX* MOA* (RFF! NAD* CTA* COM* DTM*) "
    "(DGS! QTY* FTX*) (LOC! NAD* DTM* QTY* FTX*) (SGP! QTY*) (PCI! DTM* MEA* QTY* (GIN! DLM*) (HAN! FTX* GIN*)) "
    "(QVR! DTM*) (PAC! MEA* QTY* (PCI! RFF DTM* GIR* GIN*)))) CNT*",
    "INVRPT": "BGM! DTM*! PNA* FTX* LOC* @REF @PARTY (TDT! LOC* DTM*) @CUX @REPORT_LINE UNS CNT* MOA*",
    "SLSRPT": "BGM! DTM*! FTX* LOC* @REF @PARTY @REF @CUX (LOC! DTM* @REPORT_LINE) @REPORT_LINE UNS CNT* MOA*",
    "PRICAT": "BGM! DTM*! ALI* FTX* PAI* LOC* @REF @PARTY @CUX (TAX! MOA* LOC*) @CUX @PAT @TDT @TOD @PACKS @ALC @CUX "
    "(PGI! DTM* QTY* ALI* FTX* (PRI! CUX APR RNG DTM*) @REF @PAT @TAX @ALC @PRICE_LINE) @PRICE_LINE UNS CNT*",
    "CONTRL": "UCI! (UCM! @CONTROL) (UCF! @CONTROL (UCM! @CONTROL))",
    "APERAK": "BGM! DTM* FTX* CNT* (DOC! DTM*) @REF (NAD! CTA* COM*) (ERC! FTX* (RFF! FTX*))",
}
"""The types whose structure is checked; of all others the envelope alone."""

MOST_ELEMENTS = {
    "BGM": 4, "DTM": 1, "QTY": 1, "MOA": 1, "PRI": 2, "LIN": 6, "PIA": 6, "IMD": 4, "NAD": 9, "RFF": 1, "CUX": 4,
    "TAX": 9, "CNT": 1, "UNS": 1, "LOC": 5, "PAT": 4, "PAC": 6, "CPS": 3, "PGI": 2, "PCD": 2, "ALC": 6, "FTX": 7,
    "CTA": 2, "COM": 5, "UNT": 2, "UNH": 7,
}  # fmt: skip
"""Data elements a segment has at most in either directory; more of them show that a terminator was lost."""
