"""The words by which invoices name amounts, as data; form and meaning as in ``lexicon``."""

MONEY: dict[str, dict[str, str]] = {
    "line_net": {
        "de": (
            "positionssumme|summe der positionen|summe positionen|summe waren|warenwert|zwischensumme|"
            "zwischensumme netto|summe positionen netto|summe netto positionen|positionen netto|warenwert netto|"
            "summe artikel|gesamt positionen"
        ),
        "en": (
            "line total amount|subtotal|sub total|sum of lines|lines total|total amount of lines|items total|"
            "goods total|total of lines|sum of line net amounts|line total|merchandise total|total net line amount|"
            "net subtotal"
        ),
        "fr": (
            "sous total|sous-total ht|total lignes|montant total ht des lignes|total des lignes|total brut ht|"
            "montant total ht|total lignes ht|somme des lignes|total marchandises|total brut"
        ),
        "it": "totale righe|totale merce|subtotale|totale merci|totale merce e servizi|importo merce",
        "es": "subtotal|suma de lineas|total lineas|importe bruto|total bruto mercancia|suma",
        "nl": "subtotaal|totaal regels|regeltotaal|goederentotaal|som van de regels",
    },
    "allowances": {
        "de": (
            "gesamtbetrag der abschlage|summe abschlage|abschlage|summe nachlasse|gesamtbetrag der nachlasse|rabatt|"
            "gesamtrabatt|nachlass|abzuglich rabatt|rabatte|summe rabatte|abschlag|abzgl rabatt|rechnungsrabatt|"
            "nachlasse|sonderrabatt|mengenrabatt|kundenrabatt|treuerabatt|gutschein|aktionsrabatt"
        ),
        "en": (
            "total allowances|allowances amount|allowance|discount|allowances|total discount|discounts|"
            "sum of allowances|less discount|trade discount|document discount|volume discount|invoice discount|"
            "loyalty discount|rebate"
        ),
        "fr": (
            "remise|remises|total remises|remise ht|remise globale|total des remises|rabais|remise commerciale|"
            "ristourne"
        ),
        "it": "sconto|sconti|totale sconti|abbuono|sconto incondizionato|sconto cliente",
        "es": "descuento|descuentos|total descuentos|dto|descuento comercial|bonificacion|descuento por volumen",
        "nl": "korting|kortingen|totaal korting|af korting|volumekorting",
    },
    "charges": {
        "de": (
            "gesamtbetrag der zuschlage|summe zuschlage|zuschlage|zuschlag|versandkosten|frachtkosten|porto|fracht|"
            "versand|verpackung|transportkosten|verpackungskosten|porto und verpackung|versand und verpackung|"
            "mindermengenzuschlag|lieferkosten|frachtpauschale|versandkostenpauschale|versicherung|energiezuschlag|"
            "dieselzuschlag|fracht und verpackung"
        ),
        "en": (
            "total charges|charges amount|extra charge|shipping|freight|shipping & handling|postage|delivery charge|"
            "charges|carriage|handling fee|shipping costs|shipping charge|freight charge|delivery|handling|packing|"
            "shipping and handling|freight charges|surcharge|insurance"
        ),
        "fr": (
            "frais de port|port|frais|total charges|frais de livraison|frais de transport|transport|"
            "frais d expedition|port et emballage|charge frais deplacement|emballage|"
            "participation aux frais de port"
        ),
        "it": (
            "spese di spedizione|trasporto|spese trasporto|spese|spese di trasporto|imballaggio|spese accessorie|"
            "spese di imballo"
        ),
        "es": "gastos de envio|portes|transporte|gastos|envio|embalaje|portes y embalajes|recargo",
        "nl": (
            "verzendkosten|transportkosten|vracht|vrachtkosten|bezorgkosten|toeslag|verpakking|leveringskosten|"
            "portokosten|administratiekosten"
        ),
    },
    "net": {
        "de": (
            "gesamtbetrag netto|rechnungssumme ohne ust|netto|nettobetrag|summe netto|nettosumme|gesamt netto|"
            "netto gesamt|netto summe|rechnungsbetrag netto|gesamtsumme netto|netto-betrag|warenwert netto gesamt|"
            "nettogesamtbetrag|total netto|nettowert|netto-summe|rechnungsbetrag ohne mwst|summe ohne ust|"
            "summe ohne mwst|gesamtnetto|gesamt ohne ust|betrag netto|steuerpflichtiger betrag|"
            "netto rechnungsbetrag|summe exkl mwst|total exkl mwst|zwischensumme ohne mwst|gesamtnettobetrag|"
            "nettowarenwert|summe netto betrag|netto total|nettoentgelt|summe zzgl mwst"
        ),
        "en": (
            "net total amount|net total|total net|net amount|total excl vat|total excluding vat|total ex vat|"
            "amount excl vat|total before tax|total without vat|net|amount before tax|taxable amount|"
            "total amount without vat|total excl tax|subtotal excl vat|total net amount|subtotal without vat|"
            "net value|amount ex vat|sub total excl vat|net invoice amount|total amount excluding vat|"
            "total amount excl vat|subtotal excluding vat|total net value|total exc vat|total exclusive of vat|"
            "total amount without"
        ),
        "fr": (
            "total ht|total net ht|montant ht|total hors taxes|total hors taxe|total h t|montant net ht|"
            "montant total ht|net ht|total general ht|montant hors taxes|base ht|total ht net|sous total ht net|ht|"
            "prix ht|total net hors taxes"
        ),
        "it": (
            "imponibile|totale imponibile|importo netto|netto|totale netto|totale senza iva|imponibile iva|"
            "totale esclusa iva|totale documento imponibile|totale iva esclusa"
        ),
        "es": (
            "base imponible|total sin iva|importe neto|neto|total neto|subtotal sin iva|importe sin iva|"
            "total base imponible|base imponible total|total base|total antes de impuestos"
        ),
        "nl": (
            "totaal excl btw|totaal exclusief btw|excl btw|netto|bedrag excl btw|totaal ex btw|netto bedrag|"
            "subtotaal excl btw|subtotaal exclusief btw|netto totaal|totaalbedrag excl btw|"
            "totaalbedrag exclusief btw|totaal netto|nettobedrag"
        ),
    },
    "vat": {
        "de": (
            "mwst|ust|mehrwertsteuer|umsatzsteuer|steuerbetrag|mwst-betrag|mehrwertsteuerbetrag|umsatzsteuerbetrag|"
            "zzgl mwst|zzgl ust|mwst gesamt|summe mwst|ust-betrag|gesetzliche mwst|zzgl mehrwertsteuer|"
            "zzgl umsatzsteuer|summe umsatzsteuer|gesamtbetrag der steuer|steuer|enthaltene mwst|zuzuglich mwst|"
            "summe steuer|umsatzssteuer|inkl mwst|darin enthaltene mwst|gesamt mwst|summe ust|zzgl gesetzl mwst|"
            "gesetzl mwst|gesamt ust|total mwst|zuzuglich umsatzsteuer|mwst total|gesetzliche mehrwertsteuer|"
            "steuerbetrag in eur|enthaltene umsatzsteuer|steuer gesamt|gesamtsteuer|davon mwst|"
            "zuzuglich mehrwertsteuer"
        ),
        "en": (
            "vat|value added tax|vat amount|tax|tax amount|total vat|total tax|sales tax|vat total|gst|"
            "total vat amount|plus vat|tax total|total tax amount|vat payable|output vat|includes vat|"
            "including vat of|vat included"
        ),
        "fr": (
            "tva|total tva|montant tva|montant de la tva|t v a|dont tva|tva totale|montant total tva|total t v a|"
            "total de la tva|montant total de la tva|taxes|total taxes"
        ),
        "it": "iva|importo iva|totale iva|imposta|totale imposta|di cui iva|ammontare iva",
        "es": "iva|i v a|cuota iva|importe iva|total iva|cuota|impuestos|total impuestos|cuota de iva|cuotas iva|igic",
        "nl": "btw|btw bedrag|totaal btw|bedrag btw|btw totaal|omzetbelasting|totaal btw bedrag|btw-bedrag",
    },
    "gross": {
        "de": (
            "bruttosumme|gesamtbetrag brutto|bruttobetrag|brutto|gesamtsumme brutto|summe brutto|"
            "rechnungsbetrag brutto|brutto gesamt|gesamtbetrag inkl mwst|gesamt brutto|endbetrag|endsumme|"
            "summe inkl mwst|gesamtbetrag inkl ust|rechnungsendbetrag|rechnungsbetrag inkl mwst|bruttogesamtbetrag|"
            "gesamtpreis inkl mwst|gesamtsumme inkl mwst|bruttosumme zahlbetrag|summe inkl ust|total inkl mwst|"
            "rechnungsendsumme|rechnungsbetrag|gesamtsumme|brutto-summe|gesamt inkl mwst|rechnungssumme brutto|"
            "rechnungssumme inkl mwst|gutschriftsbetrag|gutschriftbetrag|rechnungstotal|rechnungssumme mit ust|"
            "gesamtbetrag inkl mehrwertsteuer|gesamtbetrag inkl umsatzsteuer|bruttorechnungsbetrag|"
            "rechnungsgesamtbetrag|gesamtbruttobetrag|gesamtsumme inkl ust"
        ),
        "en": (
            "gross total amount|gross total|total incl vat|total including vat|total gross|gross amount|grand total|"
            "invoice total|total inc vat|total with vat|total amount incl vat|total amount with vat|total incl tax|"
            "invoice amount|total including tax|gross|total amount including vat|total inclusive of vat|"
            "total invoice amount|total after tax|total invoice|total eur incl vat|invoice total incl vat|"
            "amount incl vat|total gross amount|credit total|total credit"
        ),
        "fr": (
            "total ttc|montant ttc|total t t c|montant total ttc|total toutes taxes comprises|total general ttc|ttc|"
            "net ttc|montant toutes taxes comprises|total facture ttc|montant net ttc|total facture"
        ),
        "it": (
            "totale fattura|totale documento|totale ivato|totale con iva|totale iva inclusa|importo totale|"
            "totale lordo|totale generale|totale complessivo|totale iva compresa"
        ),
        "es": (
            "total factura|total con iva|importe total|total iva incluido|total factura iva incluido|"
            "importe total factura|total bruto|total general|total eur con iva|total factura con iva"
        ),
        "nl": (
            "totaal incl btw|totaal inclusief btw|bruto|totaalbedrag|incl btw|totaalbedrag incl btw|factuurbedrag|"
            "bruto totaal|totaalbedrag inclusief btw|factuurtotaal|totaal bruto|totaal factuur"
        ),
    },
    "prepaid": {
        "de": (
            "erhaltene anzahlungen|vorausbezahlter betrag|anzahlung|bereits gezahlt|abzuglich anzahlung|"
            "bereits bezahlt|geleistete anzahlung|angezahlt|vorauszahlung|abzgl anzahlung|anzahlungen|"
            "summe anzahlungen|bezahlt|erhaltene zahlung|erhaltene anzahlung|bereits erhalten|abschlagszahlungen|"
            "erhaltene abschlagszahlungen|zahlung erhalten|gezahlter betrag"
        ),
        "en": (
            "prepaid amount|prepaid|amount paid|deposit|advance payment|already paid|paid amount|deposit paid|"
            "less deposit|less prepayment|paid|payments received|paid to date|less advance payment|prepayment|"
            "less amount paid"
        ),
        "fr": (
            "montant deja verse|acompte|deja regle|acomptes|montant deja paye|acompte verse|deja paye|"
            "acompte deja verse|montant deja regle|acomptes verses|montant deja paye ou a payer par un tiers"
        ),
        "it": "acconto|gia pagato|acconti|importo pagato|acconto versato|gia versato",
        "es": "anticipo|pagado|ya pagado|anticipos|entregas a cuenta|importe pagado|a cuenta",
        "nl": "aanbetaling|reeds betaald|vooruitbetaald|voorschot|reeds voldaan|betaald",
    },
    "rounding": {
        "de": "rundungsbetrag|rundung|rundungsdifferenz|rundungsausgleich",
        "en": "rounding amount|rounding|rounding difference|rounding adjustment",
        "fr": "arrondi|montant arrondi|ecart d arrondi",
        "it": "arrotondamento",
        "es": "redondeo",
        "nl": "afronding|afrondingsverschil",
    },
    "payable": {
        "de": (
            "zahlbetrag|offener betrag|zu zahlen|zahlender betrag|zu zahlender betrag|restbetrag|falliger betrag|"
            "noch zu zahlen|zahlungsbetrag|zu uberweisen|uberweisungsbetrag|restzahlung|offener rechnungsbetrag|"
            "zu bezahlen|auszahlungsbetrag|zahlsumme|zu uberweisender betrag|verbleibender betrag|restforderung|"
            "verbleibender zahlbetrag"
        ),
        "en": (
            "open amount|amount due|balance due|amount payable|total due|payable|to pay|total payable|balance|"
            "amount to pay|due for payment|please pay|amount due for payment|due payable amount|total amount due|"
            "balance payable|outstanding amount|total to pay|remaining amount|now due|net payable|"
            "amount outstanding|amount owed"
        ),
        "fr": (
            "net a payer|reste a payer|somme a payer|a payer|montant a payer|montant du|solde|solde du|net a regler|"
            "total a payer|montant net a payer|solde a payer|montant du prelevement|reste du|reste a regler|"
            "net a payer ttc|total a regler"
        ),
        "it": (
            "netto a pagare|da pagare|totale da pagare|importo da pagare|totale dovuto|saldo|importo dovuto|"
            "saldo da pagare"
        ),
        "es": (
            "total a pagar|importe a pagar|a pagar|liquido a percibir|pendiente de pago|importe pendiente|liquido|"
            "saldo pendiente|saldo"
        ),
        "nl": (
            "te betalen|te voldoen|totaal te betalen|openstaand bedrag|te betalen bedrag|nog te betalen|saldo|"
            "restant|restbedrag"
        ),
    },
    "total": {
        "de": "gesamtbetrag|summe|gesamt|rechnungssumme|total|gesamtpreis|endpreis|summe gesamt",
        "en": "total|total amount|amount|sum|total eur|total price",
        "fr": "total|montant total|total general|montant",
        "it": "totale|totale eur|importo",
        "es": "total|importe|total eur",
        "nl": "totaal|totaal eur|bedrag",
    },
    "skonto": {
        "de": "skonto|abzgl skonto|abzuglich skonto|mit skonto|skontobetrag|skontofahig|skontierfahiger betrag",
        "en": "cash discount|early payment discount|prompt payment discount|settlement discount",
        "fr": "escompte",
        "it": "sconto cassa|sconto pagamento anticipato",
        "es": "descuento por pronto pago|pronto pago",
        "nl": "betalingskorting|kredietbeperking",
    },
    "carried": {
        "de": "ubertrag|zwischenubertrag|summe seite|seitensumme|seitenubertrag",
        "en": "carried forward|brought forward|page total|carry over|amount carried forward",
        "fr": "report|a reporter|total page|report a nouveau",
        "it": "riporto|a riportare|totale pagina",
        "es": "suma y sigue|suma anterior|total pagina",
        "nl": "transport|over te brengen|paginatotaal",
    },
}
"""Kind → language → labels separated by '|'."""
