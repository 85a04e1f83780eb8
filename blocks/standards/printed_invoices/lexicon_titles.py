"""The words by which documents say what they are, and the legal forms in the names of companies, as data."""

TITLES: dict[str, str] = {
    "380": (
        "rechnung|invoice|facture|fattura|factura|factuur|tax invoice|handelsrechnung|warenrechnung|faktura|"
        "baurechnung|sammelrechnung|dienstleistungsrechnung|fattura immediata|fattura differita|factuur invoice|"
        "commercial invoice|sales invoice|verkoopfactuur|schlussrechnung|mietrechnung|honorarnote|honorarrechnung|"
        "nota de honorarios|rechnung invoice|invoice rechnung|verkaufsrechnung|facture de vente|bill|umsatzrechnung|"
        "abrechnung"
    ),
    "381": (
        "gutschrift|credit note|avoir|nota di credito|nota de credito|abono|creditnota|creditfactuur|credit memo|"
        "rechnungsgutschrift|note de credit|facture d avoir|facture avoir|sales credit memo|factura de abono|"
        "kreditnota|wertgutschrift"
    ),
    "384": (
        "rechnungskorrektur|korrekturrechnung|corrected invoice|facture rectificative|fattura correttiva|"
        "factura rectificativa|gecorrigeerde factuur|correctiefactuur|korrigierte rechnung|facture corrective|"
        "corrective invoice|stornorechnung"
    ),
    "326": (
        "teilrechnung|abschlagsrechnung|partial invoice|facture partielle|facture d acompte partielle|deelfactuur|"
        "fattura parziale|teilschlussrechnung|zwischenrechnung|factura parcial|facture de situation"
    ),
    "386": (
        "anzahlungsrechnung|vorauszahlungsrechnung|vorkasserechnung|prepayment invoice|facture d acompte|"
        "fattura d acconto|fattura di acconto|factura de anticipo|voorschotfactuur|down payment invoice|"
        "advance payment invoice|advance invoice|aanbetalingsfactuur|deposit invoice|factura anticipo"
    ),
    "389": (
        "selbstabrechnung|self billed invoice|self billing invoice|autofacture|autofacturation|gutschriftsverfahren|"
        "autofattura|autofactura|self-billing|selfbilling factuur|abrechnung im gutschriftsverfahren"
    ),
    "order": (
        "bestellung|purchase order|bon de commande|ordine di acquisto|pedido|inkooporder|order|ordine|"
        "order confirmation|auftragsbestatigung|order response|confirmation de commande|conferma ordine|"
        "confirmacion de pedido|orderbevestiging|sales order|commande|order change|bestellbestatigung|"
        "accuse de reception de commande"
    ),
    "delivery note": (
        "lieferschein|delivery note|bon de livraison|documento di trasporto|albaran|pakbon|packing slip|"
        "packing list|despatch advice|leveringsbon|afleverbon|delivery slip|ddt|versandanzeige|lieferavis"
    ),
    "quotation": (
        "angebot|kostenvoranschlag|quote|quotation|offer|devis|preventivo|offerta|presupuesto|oferta|offerte|"
        "estimate|proforma|pro forma|proforma rechnung|proformarechnung|pro forma invoice|proforma invoice|"
        "facture proforma|factura proforma|fattura proforma|pro forma rechnung|proforma factuur|facture pro forma"
    ),
    "reminder": (
        "mahnung|zahlungserinnerung|reminder|payment reminder|dunning letter|rappel|relance|sollecito di pagamento|"
        "sollecito|recordatorio de pago|aanmaning|betalingsherinnering|herinnering|erste mahnung|zweite mahnung|"
        "letzte mahnung|1 mahnung|2 mahnung|3 mahnung|overdue notice|mise en demeure|final notice|lettre de relance|"
        "rappel de paiement"
    ),
    "statement": (
        "kontoauszug|account statement|statement of account|releve de compte|releve|estratto conto|"
        "extracto de cuenta|rekeningoverzicht|statement|saldenbestatigung|kontoubersicht|zahlungsavis|"
        "remittance advice|avis de paiement|avviso di pagamento|aviso de pago|betaaladvies|rechnungsubersicht|"
        "rechnungsliste|op liste|offene posten liste"
    ),
}
"""Type code (UNTDID 1001) or what else a document is → titles by which it says so, separated by '|'."""

LEGAL_FORMS = (
    r"(?:gmbh|mbh|ag|kg|kgaa|ohg|gbr|ug|e\.?\s?k\.?|e\.\s?v\.|eg|se|ltd|limited|llc|inc|plc|llp|corp|corporation|co|company|"
    r"sarl|s\.?a\.?r\.?l|sas|s\.?a\.?s|sasu|eurl|sa|s\.a|snc|srl|s\.?r\.?l|spa|s\.?p\.?a|s\.a\.s|s\.n\.c|sl|s\.l\.?u?|slu|"
    r"s\.?l|bv|b\.?v|nv|n\.?v|vof|v\.?o\.?f|bvba|sprl|oy|ab|aps|a/s|gesmbh|ges\.?m\.?b\.?h|pvt)"
)
"""A regular expression for the legal forms that companies carry in their names, casefolded."""
