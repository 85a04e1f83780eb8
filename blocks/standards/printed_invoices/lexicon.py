"""The words by which invoices name what they print, as data: kind of value → language → labels.

Labels are compared without case, accents, spaces and punctuation. A '~' before a label marks a weak one: it is also used for
other things and counts only where nothing better is found. Kinds without a field of their own keep values apart (a
customer number is no invoice number).
"""

LABELS: dict[str, dict[str, str]] = {
    "number": {
        "de": "rechnungsnummer|rechnungsnr|rechnungs nr|rechnung nr|rechnung nummer|rechnung #|re-nr|rg-nr|rg nr|rechn nr|re nr|"
        "beleg-nr|belegnr|belegnummer|gutschriftsnummer|gutschriftnummer|gutschrift nr|gutschriftsnr|handelsrechnung nr|"
        "handelsrechnung 380 nr|fakturanummer|faktura nr|rechnungskorrektur nr|korrekturrechnung nr|stornorechnung nr|"
        "teilrechnung nr|abschlagsrechnung nr|schlussrechnung nr|baurechnung nr|selbstabrechnung nr|"
        "sammelrechnung nr|vorauszahlungsrechnung nr|~dokumentnummer|~dokument nr|~rechnung|~gutschrift|~faktura",
        "en": "invoice number|invoice no|invoice nr|invoice #|invoice id|inv no|inv #|credit note number|credit note no|"
        "credit note #|credit memo no|credit memo number|tax invoice no|bill number|bill no|"
        "~document number|~document no|~invoice|~credit note|~tax invoice|~#",
        "fr": "facture n|facture no|facture numero|numero de facture|no de facture|n de facture|n facture|num facture|facture num|"
        "reference facture|avoir n|avoir no|numero d avoir|n d avoir|numero de la facture|~facture|~avoir|~n|~no",
        "it": "fattura n|fattura nr|fattura no|fattura numero|numero fattura|n fattura|nr fattura|num fattura|n documento|"
        "numero documento|nr documento|nota di credito n|nota di credito nr|~fattura|~nota di credito",
        "es": "factura n|factura no|factura num|factura numero|numero de factura|no de factura|n de factura|n factura|num factura|"
        "numero factura|factura nr|abono n|numero de abono|factura rectificativa n|~factura|~abono",
        "nl": "factuurnummer|factuurnr|factuur nr|factuur nummer|factuur no|creditnota nr|creditnotanummer|creditnummer|"
        "creditfactuurnummer|~factuur|~creditnota",
    },
    "issue_date": {
        "de": "rechnungsdatum|datum der rechnung|rechnung vom|belegdatum|beleg-datum|ausstellungsdatum|rechnungs datum|gutschriftsdatum|"
        "gutschriftdatum|re-datum|rg-datum|ausgestellt am|rechnungstag|fakturadatum|~datum|~den|~vom|~dokumentdatum",
        "en": "invoice date|date of invoice|invoice dated|date of issue|issue date|issued on|date issued|issued|credit note date|"
        "tax invoice date|billing date|bill date|~date|~dated|~document date|~invoice date tax point",
        "fr": "date de facture|date de la facture|date facture|date de facturation|date d emission|emise le|emis le|facture du|"
        "facture le|date de l avoir|~date|~du|~le|~en date du",
        "it": "data fattura|data della fattura|data di emissione|data emissione|data documento|emessa il|fattura del|~data|~del",
        "es": "fecha de factura|fecha factura|fecha de la factura|fecha de emision|fecha emision|fecha de expedicion|"
        "fecha expedicion|~fecha|~de fecha",
        "nl": "factuurdatum|datum factuur|factuur datum|creditnotadatum|uitgiftedatum|~datum|~d d",
    },
    "due_date": {
        "de": "fallig am|falligkeit|falligkeitsdatum|zahlungsziel|zahlbar bis|zahlbar bis zum|zahlbar zum|zu zahlen bis|"
        "zahlung bis|zahlung bis zum|spatestens bis|falligkeitstermin|zahlungsfrist|falligkeitstag|fallig|fallig zum|"
        "rechnung ist zahlbar zum|netto fallig|netto bis|bitte uberweisen sie bis|zahlungstermin|zahlungsfalligkeit|falligkeit am",
        "en": "due date|payment due|due by|date due|payment due date|pay by|due on|payable by|due|payment due by|please pay by",
        "fr": "date d echeance|echeance|date limite de paiement|date limite de paiement le|date limite de reglement|"
        "date de paiement|a payer avant le|payable le|payable avant le|echeance le|reglement le|date de reglement|"
        "a regler avant le|a regler le",
        "it": "data scadenza|scadenza|data di scadenza|scadenza pagamento|da pagare entro il|pagamento entro il|scade il",
        "es": "fecha de vencimiento|fecha vencimiento|vencimiento|fecha limite de pago|pagar antes del|vence el|vto|fecha vto",
        "nl": "vervaldatum|vervaldag|te betalen voor|betalen voor|uiterste betaaldatum|betaaldatum|te voldoen voor|vervalt op|"
        "uiterlijk betalen op|betaling voor",
    },
    "order": {
        "de": "bestellnummer|bestell-nr|bestellnr|bestellung nr|ihre bestellung|ihre bestellnummer|ihre bestell-nr|kundenbestellnummer|"
        "bestellnummer kunde|bestellung nr kunde|ihre bestellung nr|ihr auftrag|bestellung|bestellreferenz|bestellnummer des kaufers|"
        "ihre auftragsnummer|~ihre referenz|~ihr zeichen|~ihr bestellzeichen",
        "en": "order number|order no|order id|purchase order|purchase order number|purchase order no|po number|po no|po #|"
        "p o number|your order|your order no|your order number|customer order|customer order number|customer po|po ref|"
        "purchase order id|order reference|buyer order|buyer order number|your po|purchase order reference|~your reference|~your ref",
        "fr": "n bon de commande|numero de bon de commande|bon de commande n|bon de commande|numero de commande|n de commande|n commande|"
        "no commande|votre commande|votre commande n|ref commande|reference commande|commande n|commande|reference de commande|"
        "~votre reference",
        "it": "numero ordine|n ordine|nr ordine|ordine n|ordine nr|ordine di acquisto|vostro ordine|vs ordine|rif ordine|"
        "numero ordine di acquisto|~vostro riferimento|~vs rif",
        "es": "numero de pedido|n de pedido|n pedido|no pedido|pedido n|pedido num|su pedido|pedido|orden de compra|n orden de compra|"
        "referencia de pedido|numero pedido|~su referencia",
        "nl": "bestelnummer|uw bestelling|uw ordernummer|inkooporder|inkoopordernummer|uw bestelnummer|bestelling|ordernummer|"
        "inkoopnummer|uw order|bestelbon|bestelbonnummer|~uw referentie|~uw kenmerk",
    },
    "seller_vat_id": {
        "de": "umsatzsteuer id verkaufer|unsere ust-idnr|unsere ust-id|ust-id des lieferanten|ust-idnr verkaufer",
        "en": "seller vat id|our vat number|our vat id|our vat no|supplier vat number|vendor vat id|seller vat number|vendor vat number",
        "fr": "notre n tva|n tva vendeur|n tva fournisseur|notre numero de tva",
        "it": "partita iva fornitore|partita iva cedente",
        "es": "nif emisor|cif emisor|nif del proveedor|nif proveedor",
        "nl": "btw nummer leverancier|ons btw-nummer|ons btw nr",
    },
    "buyer_vat_id": {
        "de": "ust-idnr kunde|ihre ust-idnr|ihre ust-id|ihre ust-id-nr|ust-idnr des kunden|ust-id kunde|ust-id des kunden|kunden ust-idnr|"
        "kunden ust-id|ihre umsatzsteuer-identifikationsnummer|ust-idnr kaufer|ust-idnr des leistungsempfangers|ihre ustid|"
        "ust-idnr leistungsempfanger|ihre uid|ihre uid-nr|uid kunde",
        "en": "customer vat id|customer vat number|customer vat no|buyer vat id|buyer vat number|your vat number|your vat id|your vat no|"
        "client vat number|invoicee vat id|customer vat reg no|vat number customer|your vat reg no|your vat registration no|bill to vat id",
        "fr": "n tva client|votre n tva|numero tva client|n tva acheteur|tva client|votre numero de tva|n tva intracommunautaire client",
        "it": "partita iva cliente|vostra partita iva|p iva cliente|vs partita iva|piva cliente",
        "es": "nif cliente|cif cliente|nif del cliente|cif nif cliente|su nif|su cif",
        "nl": "uw btw-nummer|btw-nummer klant|uw btw nr|btw nr klant|uw btw nummer|btw klant|uw btw-id",
    },
    "vat_id": {
        "de": "ust-idnr|ust-id-nr|ust-id|ust idnr|ustid|ustidnr|umsatzsteuer-id|umsatzsteuer-identifikationsnummer|umsatzsteuer-idnr|"
        "umsatzsteuer-id-nr|umsatzsteuer-ident-nr|ust-ident-nr|ust id nr|vat-id-nr|uid-nr|uid|mwst-nr|uid-nummer|uidnr|ustident-nr|"
        "eu-ust-idnr|umsatzsteueridentifikationsnummer",
        "en": "vat id|vat no|vat number|vat registration no|vat registration number|vat reg no|vat reg number|vat identification number|vat nr|"
        "vat id no|vat|gst no|gstin|vat tin|tax id|eu vat id|vat registration|vat ref|vat reg",
        "fr": "n tva|n tva intra|n tva intracommunautaire|tva intracommunautaire|numero de tva|no tva|numero tva intracommunautaire|"
        "tva intra|numero de tva intracommunautaire|tva fr|n id tva|identifiant tva|~tva|n de tva intracommunautaire|"
        "n de tva|n tva ue",
        "it": "partita iva|p iva|piva|p i|p iva cf|c f p iva|p iva e c f|codice iva",
        "es": "nif|cif|nif iva|cif nif|n i f|c i f|vat numero|nif vat|nif cif",
        "nl": "btw-nummer|btw nr|btw-nr|btw-id|btw-identificatienummer|btw nummer|btw",
    },
    "tax_number": {
        "de": "steuernummer|steuer-nr|steuernr|st-nr|stnr|st nr|steuer nummer|umsatzsteuernummer",
        "en": "tax number|tax no|tax reference|tax registration number|service tax #|utr",
        "fr": "numero fiscal",
        "it": "codice fiscale|cod fisc|c f|cf",
        "es": "numero fiscal",
        "nl": "fiscaal nummer|belastingnummer",
    },
    "iban": {
        "de": "iban|iban-nr|verkaufer-iban|iban nr|konto iban|iban konto",
        "en": "iban number|iban no|bank account|account number|account no|bank account number",
        "fr": "compte iban|n iban|code iban",
        "it": "codice iban|cod iban|coordinate bancarie iban",
        "es": "cuenta iban|cuenta bancaria|numero de cuenta",
        "nl": "iban nummer|rekeningnummer|bankrekening|iban-nummer",
    },
    "currency": {
        "de": "wahrung|rechnungswahrung",
        "en": "currency|invoice currency",
        "fr": "devise|monnaie",
        "it": "valuta|divisa",
        "es": "moneda",
        "nl": "munteenheid",
    },
    "line_net": {
        "de": "positionssumme|summe der positionen|summe positionen|summe waren|warenwert|zwischensumme|zwischensumme netto|"
        "summe positionen netto|summe netto positionen|positionen netto|warenwert netto|summe artikel|gesamt positionen",
        "en": "line total amount|subtotal|sub total|sum of lines|lines total|total amount of lines|items total|goods total|"
        "total of lines|sum of line net amounts|line total|merchandise total|total net line amount|net subtotal",
        "fr": "sous total|sous-total ht|total lignes|montant total ht des lignes|total des lignes|total brut ht|montant total ht|"
        "total lignes ht|somme des lignes|total marchandises|total brut",
        "it": "totale righe|totale merce|subtotale|totale merci|totale merce e servizi|importo merce",
        "es": "subtotal|suma de lineas|total lineas|importe bruto|total bruto mercancia|suma",
        "nl": "subtotaal|totaal regels|regeltotaal|goederentotaal|som van de regels",
    },
    "allowances": {
        "de": "gesamtbetrag der abschlage|summe abschlage|abschlage|summe nachlasse|gesamtbetrag der nachlasse|rabatt|gesamtrabatt|"
        "nachlass|abzuglich rabatt|rabatte|summe rabatte|abschlag|abzgl rabatt|rechnungsrabatt|nachlasse|sonderrabatt|mengenrabatt|"
        "kundenrabatt|treuerabatt|gutschein|aktionsrabatt",
        "en": "total allowances|allowances amount|allowance|discount|allowances|total discount|discounts|sum of allowances|"
        "less discount|trade discount|document discount|volume discount|invoice discount|loyalty discount|rebate",
        "fr": "remise|remises|total remises|remise ht|remise globale|total des remises|rabais|remise commerciale|ristourne",
        "it": "sconto|sconti|totale sconti|abbuono|sconto incondizionato|sconto cliente",
        "es": "descuento|descuentos|total descuentos|dto|descuento comercial|bonificacion|descuento por volumen",
        "nl": "korting|kortingen|totaal korting|af korting|volumekorting",
    },
    "charges": {
        "de": "gesamtbetrag der zuschlage|summe zuschlage|zuschlage|zuschlag|versandkosten|frachtkosten|porto|fracht|versand|"
        "verpackung|transportkosten|verpackungskosten|porto und verpackung|versand und verpackung|mindermengenzuschlag|"
        "lieferkosten|frachtpauschale|versandkostenpauschale|versicherung|energiezuschlag|dieselzuschlag|fracht und verpackung",
        "en": "total charges|charges amount|extra charge|shipping|freight|shipping & handling|postage|delivery charge|"
        "charges|carriage|handling fee|shipping costs|shipping charge|freight charge|delivery|handling|packing|"
        "shipping and handling|freight charges|surcharge|insurance",
        "fr": "frais de port|port|frais|total charges|frais de livraison|frais de transport|transport|frais d expedition|port et emballage|"
        "charge frais deplacement|emballage|participation aux frais de port",
        "it": "spese di spedizione|trasporto|spese trasporto|spese|spese di trasporto|imballaggio|spese accessorie|spese di imballo",
        "es": "gastos de envio|portes|transporte|gastos|envio|embalaje|portes y embalajes|recargo",
        "nl": "verzendkosten|transportkosten|vracht|vrachtkosten|bezorgkosten|toeslag|verpakking|leveringskosten|portokosten|administratiekosten",
    },
    "net": {
        "de": "gesamtbetrag netto|rechnungssumme ohne ust|netto|nettobetrag|summe netto|nettosumme|gesamt netto|netto gesamt|"
        "netto summe|rechnungsbetrag netto|gesamtsumme netto|netto-betrag|warenwert netto gesamt|nettogesamtbetrag|"
        "total netto|nettowert|netto-summe|rechnungsbetrag ohne mwst|summe ohne ust|summe ohne mwst|gesamtnetto|gesamt ohne ust|"
        "betrag netto|steuerpflichtiger betrag|netto rechnungsbetrag|summe exkl mwst|total exkl mwst|zwischensumme ohne mwst|"
        "gesamtnettobetrag|nettowarenwert|summe netto betrag|netto total|nettoentgelt|summe zzgl mwst",
        "en": "net total amount|net total|total net|net amount|total excl vat|total excluding vat|total ex vat|amount excl vat|"
        "total before tax|total without vat|net|amount before tax|taxable amount|total amount without vat|total excl tax|"
        "subtotal excl vat|total net amount|subtotal without vat|net value|amount ex vat|sub total excl vat|net invoice amount|"
        "total amount excluding vat|total amount excl vat|subtotal excluding vat|total net value|total exc vat|total exclusive of vat|"
        "total amount without",
        "fr": "total ht|total net ht|montant ht|total hors taxes|total hors taxe|total h t|montant net ht|montant total ht|"
        "net ht|total general ht|montant hors taxes|base ht|total ht net|sous total ht net|ht|prix ht|total net hors taxes",
        "it": "imponibile|totale imponibile|importo netto|netto|totale netto|totale senza iva|imponibile iva|totale esclusa iva|"
        "totale documento imponibile|totale iva esclusa",
        "es": "base imponible|total sin iva|importe neto|neto|total neto|subtotal sin iva|importe sin iva|total base imponible|"
        "base imponible total|total base|total antes de impuestos",
        "nl": "totaal excl btw|totaal exclusief btw|excl btw|netto|bedrag excl btw|totaal ex btw|netto bedrag|subtotaal excl btw|"
        "subtotaal exclusief btw|netto totaal|totaalbedrag excl btw|totaalbedrag exclusief btw|totaal netto|nettobedrag",
    },
    "vat": {
        "de": "mwst|ust|mehrwertsteuer|umsatzsteuer|steuerbetrag|mwst-betrag|mehrwertsteuerbetrag|umsatzsteuerbetrag|zzgl mwst|zzgl ust|"
        "mwst gesamt|summe mwst|ust-betrag|gesetzliche mwst|zzgl mehrwertsteuer|zzgl umsatzsteuer|summe umsatzsteuer|"
        "gesamtbetrag der steuer|steuer|enthaltene mwst|zuzuglich mwst|summe steuer|umsatzssteuer|inkl mwst|darin enthaltene mwst|"
        "gesamt mwst|summe ust|zzgl gesetzl mwst|gesetzl mwst|gesamt ust|total mwst|zuzuglich umsatzsteuer|mwst total|"
        "gesetzliche mehrwertsteuer|steuerbetrag in eur|enthaltene umsatzsteuer|steuer gesamt|gesamtsteuer|davon mwst|zuzuglich mehrwertsteuer",
        "en": "vat|value added tax|vat amount|tax|tax amount|total vat|total tax|sales tax|vat total|gst|total vat amount|plus vat|tax total|"
        "total tax amount|vat payable|output vat|includes vat|including vat of|vat included",
        "fr": "tva|total tva|montant tva|montant de la tva|t v a|dont tva|tva totale|montant total tva|total t v a|total de la tva|"
        "montant total de la tva|taxes|total taxes",
        "it": "iva|importo iva|totale iva|imposta|totale imposta|di cui iva|ammontare iva",
        "es": "iva|i v a|cuota iva|importe iva|total iva|cuota|impuestos|total impuestos|cuota de iva|cuotas iva|igic",
        "nl": "btw|btw bedrag|totaal btw|bedrag btw|btw totaal|omzetbelasting|totaal btw bedrag|btw-bedrag",
    },
    "gross": {
        "de": "bruttosumme|gesamtbetrag brutto|bruttobetrag|brutto|gesamtsumme brutto|summe brutto|rechnungsbetrag brutto|"
        "brutto gesamt|gesamtbetrag inkl mwst|gesamt brutto|endbetrag|endsumme|summe inkl mwst|gesamtbetrag inkl ust|"
        "rechnungsendbetrag|rechnungsbetrag inkl mwst|bruttogesamtbetrag|gesamtpreis inkl mwst|gesamtsumme inkl mwst|"
        "bruttosumme zahlbetrag|summe inkl ust|total inkl mwst|rechnungsendsumme|rechnungsbetrag|gesamtsumme|brutto-summe|"
        "gesamt inkl mwst|rechnungssumme brutto|rechnungssumme inkl mwst|gutschriftsbetrag|gutschriftbetrag|rechnungstotal|"
        "rechnungssumme mit ust|gesamtbetrag inkl mehrwertsteuer|gesamtbetrag inkl umsatzsteuer|bruttorechnungsbetrag|"
        "rechnungsgesamtbetrag|gesamtbruttobetrag|gesamtsumme inkl ust",
        "en": "gross total amount|gross total|total incl vat|total including vat|total gross|gross amount|grand total|invoice total|"
        "total inc vat|total with vat|total amount incl vat|total amount with vat|total incl tax|invoice amount|total including tax|"
        "gross|total amount including vat|total inclusive of vat|total invoice amount|total after tax|total invoice|total eur incl vat|"
        "invoice total incl vat|amount incl vat|total gross amount|credit total|total credit",
        "fr": "total ttc|montant ttc|total t t c|montant total ttc|total toutes taxes comprises|total general ttc|ttc|net ttc|"
        "montant toutes taxes comprises|total facture ttc|montant net ttc|total facture",
        "it": "totale fattura|totale documento|totale ivato|totale con iva|totale iva inclusa|importo totale|totale lordo|"
        "totale generale|totale complessivo|totale iva compresa",
        "es": "total factura|total con iva|importe total|total iva incluido|total factura iva incluido|importe total factura|total bruto|"
        "total general|total eur con iva|total factura con iva",
        "nl": "totaal incl btw|totaal inclusief btw|bruto|totaalbedrag|incl btw|totaalbedrag incl btw|factuurbedrag|bruto totaal|"
        "totaalbedrag inclusief btw|factuurtotaal|totaal bruto|totaal factuur",
    },
    "prepaid": {
        "de": "erhaltene anzahlungen|vorausbezahlter betrag|anzahlung|bereits gezahlt|abzuglich anzahlung|bereits bezahlt|"
        "geleistete anzahlung|angezahlt|vorauszahlung|abzgl anzahlung|anzahlungen|summe anzahlungen|bezahlt|erhaltene zahlung|"
        "erhaltene anzahlung|bereits erhalten|abschlagszahlungen|erhaltene abschlagszahlungen|zahlung erhalten|gezahlter betrag",
        "en": "prepaid amount|prepaid|amount paid|deposit|advance payment|already paid|paid amount|deposit paid|less deposit|"
        "less prepayment|paid|payments received|paid to date|less advance payment|prepayment|less amount paid",
        "fr": "montant deja verse|acompte|deja regle|acomptes|montant deja paye|acompte verse|deja paye|acompte deja verse|"
        "montant deja regle|acomptes verses|montant deja paye ou a payer par un tiers",
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
        "de": "zahlbetrag|offener betrag|zu zahlen|zahlender betrag|zu zahlender betrag|restbetrag|falliger betrag|noch zu zahlen|"
        "zahlungsbetrag|zu uberweisen|uberweisungsbetrag|restzahlung|offener rechnungsbetrag|zu bezahlen|auszahlungsbetrag|"
        "zahlsumme|zu uberweisender betrag|verbleibender betrag|restforderung|verbleibender zahlbetrag",
        "en": "open amount|amount due|balance due|amount payable|total due|payable|to pay|total payable|balance|amount to pay|"
        "due for payment|please pay|amount due for payment|due payable amount|total amount due|balance payable|outstanding amount|"
        "total to pay|remaining amount|now due|net payable|amount outstanding|amount owed",
        "fr": "net a payer|reste a payer|somme a payer|a payer|montant a payer|montant du|solde|solde du|net a regler|total a payer|"
        "montant net a payer|solde a payer|montant du prelevement|reste du|reste a regler|net a payer ttc|total a regler",
        "it": "netto a pagare|da pagare|totale da pagare|importo da pagare|totale dovuto|saldo|importo dovuto|saldo da pagare",
        "es": "total a pagar|importe a pagar|a pagar|liquido a percibir|pendiente de pago|importe pendiente|liquido|saldo pendiente|saldo",
        "nl": "te betalen|te voldoen|totaal te betalen|openstaand bedrag|te betalen bedrag|nog te betalen|saldo|restant|restbedrag",
    },
    "total": {
        "de": "gesamtbetrag|summe|gesamt|rechnungssumme|total|gesamtpreis|endpreis|summe gesamt",
        "en": "total|total amount|amount|sum|total eur|total price",
        "fr": "total|montant total|total general|montant",
        "it": "totale|totale eur|importo",
        "es": "total|importe|total eur",
        "nl": "totaal|totaal eur|bedrag",
    },
    "seller": {
        "de": "verkaufer|lieferant|rechnungssteller|rechnungsaussteller|leistungserbringer|absender|auftragnehmer|leistender unternehmer",
        "en": "seller|vendor|supplier|from|sold by|bill from|issued by|invoice from|remit to|service provider|invoicer",
        "fr": "vendeur|fournisseur|emetteur|emis par|prestataire|expediteur",
        "it": "cedente|fornitore|cedente prestatore|mittente|venditore|emittente",
        "es": "vendedor|proveedor|emisor|datos del emisor",
        "nl": "leverancier|verkoper|afzender|van",
    },
    "buyer": {
        "de": "kaufer|kaufer leistungsempfanger|leistungsempfanger|rechnungsempfanger|kunde|auftraggeber|rechnungsadresse|rechnungsanschrift|"
        "rechnung an|empfanger|rechnung an kunde|rechnungsanschrift kunde",
        "en": "buyer|bill to|billed to|customer|sold to|invoice to|client|billing address|to|invoiced to|purchaser|invoice address|"
        "customer address|bill to address|customer details|charge to",
        "fr": "acheteur|client|facture a|adresse de facturation|destinataire|adresse facturation|facturer a|vos coordonnees",
        "it": "cliente|cessionario|spett le|spettabile|cessionario committente|destinatario|fatturato a|intestatario|acquirente|intestato a",
        "es": "cliente|comprador|facturar a|destinatario|datos del cliente|datos de facturacion|facturado a|receptor|direccion de facturacion",
        "nl": "klant|koper|factuuradres|aan|afnemer|gefactureerd aan|factureren aan|debiteur",
    },
    "other_party": {
        "de": "abweichender warenempfanger|warenempfanger|abweichender zahlungsempfanger|lieferanschrift|lieferadresse|versandanschrift|"
        "zahlungsempfanger|steuervertreter|leistungsadresse|abweichender rechnungsempfanger|lieferung an|leistungsort|"
        "abweichender rechnungsersteller|steuerbevollmachtigter|sie erreichen uns unter|ihr ansprechpartner|ihre ansprechpartner|"
        "endkunde|abweichender kaufer|handelsvertreter|rechnungsempfanger abweichend",
        "en": "ship to|deliver to|delivery address|shipping address|payee|tax representative|ship-to|shipped to|invoicee|consignee|"
        "delivery to|seller tax representative|contact|delivery location|site address|end user",
        "fr": "livre a|adresse de livraison|livraison|representant fiscal|beneficiaire|livrer a|lieu de livraison|factor|"
        "livraison adresse references|adresse de l installation|livraison a",
        "it": "destinazione|luogo di consegna|indirizzo di consegna|consegna|destinazione merce|rappresentante fiscale|destinazione diversa",
        "es": "direccion de entrega|enviar a|entregar a|lugar de entrega|direccion de envio|representante fiscal|datos de envio",
        "nl": "afleveradres|leveradres|verzendadres|bezorgadres|fiscaal vertegenwoordiger|leveren aan",
    },
    "party_name": {
        "de": "name|firma|firmenname",
        "en": "name|company|company name",
        "fr": "nom|raison sociale|societe",
        "it": "ragione sociale|denominazione|ditta",
        "es": "nombre|razon social|empresa",
        "nl": "naam|bedrijf|bedrijfsnaam",
    },
    "section": {
        "de": "bemerkungen|positionsdaten|zahlungsbedingungen|zahlungsart|belegsummen|umsatzsteueraufschlusselung|steueraufschlusselung|"
        "bankverbindung|bankverbindungen|nos references|rechnungsdaten|zu und abschlage",
        "en": "payment terms|payment details|notes|bank details|references|terms|terms conditions|remarks|payment information",
        "fr": "conditions de paiement|nos references|vos references|vos identifiants|references sur la facture|modalites de reglement|modes de reglement",
        "it": "note|condizioni di pagamento|modalita di pagamento|dati bancari",
        "es": "condiciones de pago|forma de pago|notas|observaciones|datos bancarios",
        "nl": "betalingsvoorwaarden|opmerkingen|bankgegevens",
    },
    "other": {
        "de": "kundennummer|kunden-nr|kundennr|kd-nr|debitorennummer|debitor|lieferscheinnummer|lieferschein-nr|lieferschein|vertragsnummer|"
        "lieferdatum|leistungsdatum|liefer und leistungsdatum|leistungszeitraum|abrechnungszeitraum|telefon|tel|fax|e-mail|email|"
        "seite|bic|swift|blz|konto|kto|kontonummer|bank|handelsregister|hrb|amtsgericht|geschaftsfuhrer|steuersatz|auftragsnummer|"
        "auftrag|auftrags-nr|projekt|kostenstelle|leitweg-id|gln|globale nummer|nummer|referenz|anschrift|ansprechpartner|"
        "bearbeiter|sachbearbeiter|bestelldatum|auftragsdatum|lieferscheindatum|versandart|lieferbedingung|lieferavis|vertrag|"
        "referenz des kaufers|zahlungsreferenz|buchungsreferenz|weitere referenz|lieferanten-nr|lieferantennummer|druckdatum|uhrzeit|zeit|"
        "leistungs-datum|bestell-datum|lieferschein-datum|auftrag-datum|auftrag-nr|liefertermin|versanddatum|bestellung vom|lief-nr|"
        "objekt|wee-reg-nr|glaubiger-id|mandatsreferenz|kontoname|zahlungstyp|vertragsbeginn|verwendungszweck|auftragsbestatigung|"
        "leistungszeitraum von|lieferzeitraum|rechnung an|liefer-/leistungsdatum|vorgang|vorgangsnummer",
        "en": "customer number|customer no|customer id|account number|delivery note|delivery date|ship date|billing period|period|phone|tel|"
        "fax|email|page|bic|swift|swift code|bank|sort code|registered|company no|registration no|project|contract number|order date|"
        "salesperson|sales order|sales order number|delivery note number|despatch notice|terms|incoterm|website|home page|phone no|"
        "shipment date|service date|date of supply|tax point|date of delivery|cin|reference|supply date|print date|time|"
        "customer ref|your contact|job no|quote number|delivery no|packing slip|tracking number|service period|date ordered|"
        "document status|purpose code|profile|copy indicator|issuer|discount date|legal registration id|global id|card number",
        "fr": "numero client|n client|code client|client n|date de livraison|tel|telephone|fax|email|page|bic|siren|siret|rcs|ape|"
        "n contrat|bon de livraison|n bon de livraison|n bon de reception|date de commande|banque|numero de dossier|id client|"
        "periode|naf|date de prestation|date de la prestation|date d expedition|ref client|reference|representant|ref comptable|"
        "numero de ligne|cadre de facturation|date du bon de livraison|prelevement a partir du|capital|contact|periode de facturation",
        "it": "codice cliente|n cliente|data consegna|tel|telefono|fax|email|pagina|bic|swift|banca|ddt|data ordine|cig|cup|rea|"
        "numero ddt|data ddt|capitale sociale|pec|codice destinatario|sdi|periodo|agente|causale|riferimento",
        "es": "numero de cliente|n cliente|cod cliente|codigo cliente|fecha de entrega|tel|telefono|fax|email|pagina|bic|swift|banco|"
        "albaran|n albaran|fecha pedido|registro mercantil|fecha de operacion|referencia|periodo|forma de pago|numero de albaran|"
        "fecha de pedido|agente|contrato|proyecto",
        "nl": "klantnummer|klantnr|leverdatum|tel|telefoon|fax|email|pagina|bic|bank|kvk|kvk-nummer|pakbon|orderdatum|besteldatum|"
        "kvk nummer|debiteurnummer|debiteurennummer|pakbonnummer|leveringsdatum|periode|referentie|omschrijving|projectnummer|contractnummer|"
        "betreft|contactpersoon|relatienummer|klant nr|klant-nr",
    },
    "preceding": {
        "de": "bezieht sich auf die rechnung|bezieht sich auf rechnung|korrektur zu rechnung|gutschrift zu rechnung|zur rechnung|zu rechnung|"
        "zu rechnung nr|gutschrift zur rechnung|storno der rechnung|ursprungsrechnung|ursprungliche rechnung|zur rechnung nr|"
        "originalrechnung|korrigierte rechnung|vorausgegangene rechnung|vorherige rechnung|referenzrechnung|auf die rechnung|"
        "bezug rechnung|bezug zu rechnung|zu unserer rechnung",
        "en": "refers to invoice|credit for invoice|original invoice|corrects invoice|relating to invoice|original invoice number|"
        "preceding invoice|in respect of invoice|previous invoice|against invoice|replaces invoice|related invoice|for invoice|"
        "original invoice no|corrected invoice|re invoice",
        "fr": "avoir sur facture|facture d origine|sur facture n|se refere a la facture|relatif a la facture|facture rectifiee|"
        "facture anterieure|facture initiale|avoir sur la facture|date de facture associee|n de facture associee|facture associee|reference facture d origine|n facture d origine|annule la facture",
        "it": "rif fattura|fattura originale|a storno della fattura|riferimento fattura|storno fattura|fattura collegata",
        "es": "factura rectificada|rectifica a la factura|factura original|rectifica la factura|factura que rectifica|referente a la factura",
        "nl": "betreft factuur|oorspronkelijke factuur|credit op factuur|creditering van factuur|originele factuur|inzake factuur",
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

TITLES: dict[str, str] = {
    "380": "rechnung|invoice|facture|fattura|factura|factuur|tax invoice|handelsrechnung|warenrechnung|faktura|baurechnung|sammelrechnung|"
    "dienstleistungsrechnung|fattura immediata|fattura differita|factuur invoice|commercial invoice|sales invoice|verkoopfactuur|"
    "schlussrechnung|mietrechnung|honorarnote|honorarrechnung|nota de honorarios|rechnung invoice|invoice rechnung|verkaufsrechnung|"
    "facture de vente|bill|umsatzrechnung|abrechnung",
    "381": "gutschrift|credit note|avoir|nota di credito|nota de credito|abono|creditnota|creditfactuur|credit memo|rechnungsgutschrift|"
    "note de credit|facture d avoir|facture avoir|sales credit memo|factura de abono|kreditnota|wertgutschrift",
    "384": "rechnungskorrektur|korrekturrechnung|corrected invoice|facture rectificative|fattura correttiva|"
    "factura rectificativa|gecorrigeerde factuur|correctiefactuur|korrigierte rechnung|facture corrective|corrective invoice|stornorechnung",
    "326": "teilrechnung|abschlagsrechnung|partial invoice|facture partielle|facture d acompte partielle|deelfactuur|fattura parziale|"
    "teilschlussrechnung|zwischenrechnung|factura parcial|facture de situation",
    "386": "anzahlungsrechnung|vorauszahlungsrechnung|vorkasserechnung|prepayment invoice|facture d acompte|fattura d acconto|"
    "fattura di acconto|factura de anticipo|voorschotfactuur|down payment invoice|advance payment invoice|advance invoice|"
    "aanbetalingsfactuur|deposit invoice|factura anticipo",
    "389": "selbstabrechnung|self billed invoice|self billing invoice|autofacture|autofacturation|gutschriftsverfahren|autofattura|"
    "autofactura|self-billing|selfbilling factuur|abrechnung im gutschriftsverfahren",
    "order": "bestellung|purchase order|bon de commande|ordine di acquisto|pedido|inkooporder|order|ordine|order confirmation|"
    "auftragsbestatigung|order response|confirmation de commande|conferma ordine|confirmacion de pedido|orderbevestiging|"
    "sales order|commande|order change|bestellbestatigung|accuse de reception de commande",
    "delivery note": "lieferschein|delivery note|bon de livraison|documento di trasporto|albaran|pakbon|packing slip|packing list|"
    "despatch advice|leveringsbon|afleverbon|delivery slip|ddt|versandanzeige|lieferavis",
    "quotation": "angebot|kostenvoranschlag|quote|quotation|offer|devis|preventivo|offerta|presupuesto|oferta|offerte|"
    "estimate|proforma|pro forma|proforma rechnung|proformarechnung|pro forma invoice|proforma invoice|facture proforma|factura proforma|"
    "fattura proforma|pro forma rechnung|proforma factuur|facture pro forma",
    "reminder": "mahnung|zahlungserinnerung|reminder|payment reminder|dunning letter|rappel|relance|sollecito di pagamento|sollecito|"
    "recordatorio de pago|aanmaning|betalingsherinnering|herinnering|erste mahnung|zweite mahnung|letzte mahnung|1 mahnung|2 mahnung|"
    "3 mahnung|overdue notice|mise en demeure|final notice|lettre de relance|rappel de paiement",
    "statement": "kontoauszug|account statement|statement of account|releve de compte|releve|estratto conto|extracto de cuenta|"
    "rekeningoverzicht|statement|saldenbestatigung|kontoubersicht|zahlungsavis|remittance advice|avis de paiement|avviso di pagamento|"
    "aviso de pago|betaaladvies|rechnungsubersicht|rechnungsliste|op liste|offene posten liste",
}
"""Type code (UNTDID 1001) or what else a document is → titles by which it says so."""

LEGAL_FORMS = (
    r"(?:gmbh|mbh|ag|kg|kgaa|ohg|gbr|ug|e\.?\s?k\.?|e\.\s?v\.|eg|se|ltd|limited|llc|inc|plc|llp|corp|corporation|co|company|sarl|s\.?a\.?r\.?l|"
    r"sas|s\.?a\.?s|sasu|eurl|sa|s\.a|snc|srl|s\.?r\.?l|spa|s\.?p\.?a|s\.a\.s|s\.n\.c|sl|s\.l\.?u?|slu|s\.?l|bv|b\.?v|nv|n\.?v|vof|"
    r"v\.?o\.?f|bvba|sprl|oy|ab|aps|a/s|gesmbh|ges\.?m\.?b\.?h|pvt)"
)
"""A regular expression for the legal forms that companies carry in their names, casefolded."""
