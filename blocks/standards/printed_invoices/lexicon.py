"""The words by which invoices name what they print, as data: kind of value → language → labels.

Labels are compared without case, accents, spaces and punctuation. A '~' before a label marks a weak one: it is also
used for other things and counts only where nothing better is found. Kinds without a field of their own keep values
apart (a customer number is no invoice number).
"""

LABELS: dict[str, dict[str, str]] = {
    "number": {
        "de": (
            "rechnungsnummer|rechnungsnr|rechnungs nr|rechnung nr|rechnung nummer|rechnung #|re-nr|rg-nr|rg nr|"
            "rechn nr|re nr|beleg-nr|belegnr|belegnummer|gutschriftsnummer|gutschriftnummer|gutschrift nr|"
            "gutschriftsnr|handelsrechnung nr|handelsrechnung 380 nr|fakturanummer|faktura nr|rechnungskorrektur nr|"
            "korrekturrechnung nr|stornorechnung nr|teilrechnung nr|abschlagsrechnung nr|schlussrechnung nr|"
            "baurechnung nr|selbstabrechnung nr|sammelrechnung nr|vorauszahlungsrechnung nr|~dokumentnummer|"
            "~dokument nr|~rechnung|~gutschrift|~faktura"
        ),
        "en": (
            "invoice number|invoice no|invoice nr|invoice #|invoice id|inv no|inv #|credit note number|"
            "credit note no|credit note #|credit memo no|credit memo number|tax invoice no|bill number|bill no|"
            "~document number|~document no|~invoice|~credit note|~tax invoice|~#"
        ),
        "fr": (
            "facture n|facture no|facture numero|numero de facture|no de facture|n de facture|n facture|num facture|"
            "facture num|reference facture|avoir n|avoir no|numero d avoir|n d avoir|numero de la facture|~facture|"
            "~avoir|~n|~no"
        ),
        "it": (
            "fattura n|fattura nr|fattura no|fattura numero|numero fattura|n fattura|nr fattura|num fattura|"
            "n documento|numero documento|nr documento|nota di credito n|nota di credito nr|~fattura|"
            "~nota di credito"
        ),
        "es": (
            "factura n|factura no|factura num|factura numero|numero de factura|no de factura|n de factura|n factura|"
            "num factura|numero factura|factura nr|abono n|numero de abono|factura rectificativa n|~factura|~abono"
        ),
        "nl": (
            "factuurnummer|factuurnr|factuur nr|factuur nummer|factuur no|creditnota nr|creditnotanummer|"
            "creditnummer|creditfactuurnummer|~factuur|~creditnota"
        ),
    },
    "issue_date": {
        "de": (
            "rechnungsdatum|datum der rechnung|rechnung vom|belegdatum|beleg-datum|ausstellungsdatum|"
            "rechnungs datum|gutschriftsdatum|gutschriftdatum|re-datum|rg-datum|ausgestellt am|rechnungstag|"
            "fakturadatum|~datum|~den|~vom|~dokumentdatum"
        ),
        "en": (
            "invoice date|date of invoice|invoice dated|date of issue|issue date|issued on|date issued|issued|"
            "credit note date|tax invoice date|billing date|bill date|~date|~dated|~document date|"
            "~invoice date tax point"
        ),
        "fr": (
            "date de facture|date de la facture|date facture|date de facturation|date d emission|emise le|emis le|"
            "facture du|facture le|date de l avoir|~date|~du|~le|~en date du"
        ),
        "it": (
            "data fattura|data della fattura|data di emissione|data emissione|data documento|emessa il|fattura del|"
            "~data|~del"
        ),
        "es": (
            "fecha de factura|fecha factura|fecha de la factura|fecha de emision|fecha emision|fecha de expedicion|"
            "fecha expedicion|~fecha|~de fecha"
        ),
        "nl": "factuurdatum|datum factuur|factuur datum|creditnotadatum|uitgiftedatum|~datum|~d d",
    },
    "due_date": {
        "de": (
            "fallig am|falligkeit|falligkeitsdatum|zahlungsziel|zahlbar bis|zahlbar bis zum|zahlbar zum|"
            "zu zahlen bis|zahlung bis|zahlung bis zum|spatestens bis|falligkeitstermin|zahlungsfrist|"
            "falligkeitstag|fallig|fallig zum|rechnung ist zahlbar zum|netto fallig|netto bis|"
            "bitte uberweisen sie bis|zahlungstermin|zahlungsfalligkeit|falligkeit am"
        ),
        "en": (
            "due date|payment due|due by|date due|payment due date|pay by|due on|payable by|due|payment due by|"
            "please pay by"
        ),
        "fr": (
            "date d echeance|echeance|date limite de paiement|date limite de paiement le|date limite de reglement|"
            "date de paiement|a payer avant le|payable le|payable avant le|echeance le|reglement le|"
            "date de reglement|a regler avant le|a regler le"
        ),
        "it": (
            "data scadenza|scadenza|data di scadenza|scadenza pagamento|da pagare entro il|pagamento entro il|scade il"
        ),
        "es": (
            "fecha de vencimiento|fecha vencimiento|vencimiento|fecha limite de pago|pagar antes del|vence el|vto|"
            "fecha vto"
        ),
        "nl": (
            "vervaldatum|vervaldag|te betalen voor|betalen voor|uiterste betaaldatum|betaaldatum|te voldoen voor|"
            "vervalt op|uiterlijk betalen op|betaling voor"
        ),
    },
    "order": {
        "de": (
            "bestellnummer|bestell-nr|bestellnr|bestellung nr|ihre bestellung|ihre bestellnummer|ihre bestell-nr|"
            "kundenbestellnummer|bestellnummer kunde|bestellung nr kunde|ihre bestellung nr|ihr auftrag|bestellung|"
            "bestellreferenz|bestellnummer des kaufers|ihre auftragsnummer|~ihre referenz|~ihr zeichen|"
            "~ihr bestellzeichen"
        ),
        "en": (
            "order number|order no|order id|purchase order|purchase order number|purchase order no|po number|po no|"
            "po #|p o number|your order|your order no|your order number|customer order|customer order number|"
            "customer po|po ref|purchase order id|order reference|buyer order|buyer order number|your po|"
            "purchase order reference|~your reference|~your ref"
        ),
        "fr": (
            "n bon de commande|numero de bon de commande|bon de commande n|bon de commande|numero de commande|"
            "n de commande|n commande|no commande|votre commande|votre commande n|ref commande|reference commande|"
            "commande n|commande|reference de commande|~votre reference"
        ),
        "it": (
            "numero ordine|n ordine|nr ordine|ordine n|ordine nr|ordine di acquisto|vostro ordine|vs ordine|"
            "rif ordine|numero ordine di acquisto|~vostro riferimento|~vs rif"
        ),
        "es": (
            "numero de pedido|n de pedido|n pedido|no pedido|pedido n|pedido num|su pedido|pedido|orden de compra|"
            "n orden de compra|referencia de pedido|numero pedido|~su referencia"
        ),
        "nl": (
            "bestelnummer|uw bestelling|uw ordernummer|inkooporder|inkoopordernummer|uw bestelnummer|bestelling|"
            "ordernummer|inkoopnummer|uw order|bestelbon|bestelbonnummer|~uw referentie|~uw kenmerk"
        ),
    },
    "seller_vat_id": {
        "de": "umsatzsteuer id verkaufer|unsere ust-idnr|unsere ust-id|ust-id des lieferanten|ust-idnr verkaufer",
        "en": (
            "seller vat id|our vat number|our vat id|our vat no|supplier vat number|vendor vat id|seller vat number|"
            "vendor vat number"
        ),
        "fr": "notre n tva|n tva vendeur|n tva fournisseur|notre numero de tva",
        "it": "partita iva fornitore|partita iva cedente",
        "es": "nif emisor|cif emisor|nif del proveedor|nif proveedor",
        "nl": "btw nummer leverancier|ons btw-nummer|ons btw nr",
    },
    "buyer_vat_id": {
        "de": (
            "ust-idnr kunde|ihre ust-idnr|ihre ust-id|ihre ust-id-nr|ust-idnr des kunden|ust-id kunde|"
            "ust-id des kunden|kunden ust-idnr|kunden ust-id|ihre umsatzsteuer-identifikationsnummer|"
            "ust-idnr kaufer|ust-idnr des leistungsempfangers|ihre ustid|ust-idnr leistungsempfanger|ihre uid|"
            "ihre uid-nr|uid kunde"
        ),
        "en": (
            "customer vat id|customer vat number|customer vat no|buyer vat id|buyer vat number|your vat number|"
            "your vat id|your vat no|client vat number|invoicee vat id|customer vat reg no|vat number customer|"
            "your vat reg no|your vat registration no|bill to vat id"
        ),
        "fr": (
            "n tva client|votre n tva|numero tva client|n tva acheteur|tva client|votre numero de tva|"
            "n tva intracommunautaire client"
        ),
        "it": "partita iva cliente|vostra partita iva|p iva cliente|vs partita iva|piva cliente",
        "es": "nif cliente|cif cliente|nif del cliente|cif nif cliente|su nif|su cif",
        "nl": "uw btw-nummer|btw-nummer klant|uw btw nr|btw nr klant|uw btw nummer|btw klant|uw btw-id",
    },
    "vat_id": {
        "de": (
            "ust-idnr|ust-id-nr|ust-id|ust idnr|ustid|ustidnr|umsatzsteuer-id|umsatzsteuer-identifikationsnummer|"
            "umsatzsteuer-idnr|umsatzsteuer-id-nr|umsatzsteuer-ident-nr|ust-ident-nr|ust id nr|vat-id-nr|uid-nr|uid|"
            "mwst-nr|uid-nummer|uidnr|ustident-nr|eu-ust-idnr|umsatzsteueridentifikationsnummer"
        ),
        "en": (
            "vat id|vat no|vat number|vat registration no|vat registration number|vat reg no|vat reg number|"
            "vat identification number|vat nr|vat id no|vat|gst no|gstin|vat tin|tax id|eu vat id|vat registration|"
            "vat ref|vat reg"
        ),
        "fr": (
            "n tva|n tva intra|n tva intracommunautaire|tva intracommunautaire|numero de tva|no tva|"
            "numero tva intracommunautaire|tva intra|numero de tva intracommunautaire|tva fr|n id tva|"
            "identifiant tva|~tva|n de tva intracommunautaire|n de tva|n tva ue"
        ),
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
    "seller": {
        "de": (
            "verkaufer|lieferant|rechnungssteller|rechnungsaussteller|leistungserbringer|absender|auftragnehmer|"
            "leistender unternehmer"
        ),
        "en": (
            "seller|vendor|supplier|from|sold by|bill from|issued by|invoice from|remit to|service provider|invoicer"
        ),
        "fr": (
            "vendeur|fournisseur|emetteur|emis par|prestataire|expediteur|adresse du fournisseur|adresse du vendeur|"
            "adresse fournisseur|emetteur de la facture"
        ),
        "it": "cedente|fornitore|cedente prestatore|mittente|venditore|emittente",
        "es": "vendedor|proveedor|emisor|datos del emisor",
        "nl": "leverancier|verkoper|afzender|van",
    },
    "buyer": {
        "de": (
            "kaufer|kaufer leistungsempfanger|leistungsempfanger|rechnungsempfanger|kunde|auftraggeber|"
            "rechnungsadresse|rechnungsanschrift|rechnung an|empfanger|rechnung an kunde|rechnungsanschrift kunde"
        ),
        "en": (
            "buyer|bill to|billed to|customer|sold to|invoice to|client|billing address|to|invoiced to|purchaser|"
            "invoice address|customer address|bill to address|customer details|charge to"
        ),
        "fr": (
            "acheteur|client|facture a|adresse de facturation|destinataire|adresse facturation|facturer a|"
            "vos coordonnees|adresse du client|adresse client|client facture|adresse de l acheteur|adresse acheteur"
        ),
        "it": (
            "cliente|cessionario|spett le|spettabile|cessionario committente|destinatario|fatturato a|intestatario|"
            "acquirente|intestato a"
        ),
        "es": (
            "cliente|comprador|facturar a|destinatario|datos del cliente|datos de facturacion|facturado a|receptor|"
            "direccion de facturacion"
        ),
        "nl": "klant|koper|factuuradres|aan|afnemer|gefactureerd aan|factureren aan|debiteur",
    },
    "other_party": {
        "de": (
            "abweichender warenempfanger|warenempfanger|abweichender zahlungsempfanger|lieferanschrift|"
            "lieferadresse|versandanschrift|zahlungsempfanger|steuervertreter|leistungsadresse|"
            "abweichender rechnungsempfanger|lieferung an|leistungsort|abweichender rechnungsersteller|"
            "steuerbevollmachtigter|endkunde|"
            "abweichender kaufer|handelsvertreter|rechnungsempfanger abweichend"
        ),
        "en": (
            "ship to|deliver to|delivery address|shipping address|payee|tax representative|ship-to|shipped to|"
            "invoicee|consignee|delivery to|seller tax representative|delivery location|site address|"
            "end user"
        ),
        "fr": (
            "livre a|adresse de livraison|livraison|representant fiscal|beneficiaire|livrer a|lieu de livraison|"
            "factor|livraison adresse references|adresse de l installation|livraison a"
        ),
        "it": (
            "destinazione|luogo di consegna|indirizzo di consegna|consegna|destinazione merce|"
            "rappresentante fiscale|destinazione diversa"
        ),
        "es": (
            "direccion de entrega|enviar a|entregar a|lugar de entrega|direccion de envio|representante fiscal|"
            "datos de envio"
        ),
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
        "de": (
            "bemerkungen|positionsdaten|zahlungsbedingungen|zahlungsart|belegsummen|umsatzsteueraufschlusselung|"
            "steueraufschlusselung|bankverbindung|bankverbindungen|nos references|rechnungsdaten|zu und abschlage"
        ),
        "en": (
            "payment terms|payment details|notes|bank details|references|terms|terms conditions|remarks|"
            "payment information"
        ),
        "fr": (
            "conditions de paiement|nos references|vos references|vos identifiants|references sur la facture|"
            "modalites de reglement|modes de reglement"
        ),
        "it": "note|condizioni di pagamento|modalita di pagamento|dati bancari",
        "es": "condiciones de pago|forma de pago|notas|observaciones|datos bancarios",
        "nl": "betalingsvoorwaarden|opmerkingen|bankgegevens",
    },
    "other": {
        "de": (
            "kundennummer|kunden-nr|kundennr|kd-nr|debitorennummer|debitor|lieferscheinnummer|lieferschein-nr|"
            "lieferschein|vertragsnummer|lieferdatum|leistungsdatum|liefer und leistungsdatum|leistungszeitraum|"
            "abrechnungszeitraum|telefon|tel|fax|e-mail|email|seite|bic|swift|blz|konto|kto|kontonummer|bank|"
            "handelsregister|hrb|amtsgericht|geschaftsfuhrer|steuersatz|auftragsnummer|auftrag|auftrags-nr|projekt|"
            "kostenstelle|leitweg-id|gln|globale nummer|nummer|referenz|anschrift|ansprechpartner|bearbeiter|"
            "sachbearbeiter|bestelldatum|auftragsdatum|lieferscheindatum|versandart|lieferbedingung|lieferavis|"
            "vertrag|referenz des kaufers|zahlungsreferenz|buchungsreferenz|weitere referenz|lieferanten-nr|"
            "lieferantennummer|druckdatum|uhrzeit|zeit|leistungs-datum|bestell-datum|lieferschein-datum|"
            "auftrag-datum|auftrag-nr|liefertermin|versanddatum|bestellung vom|lief-nr|objekt|wee-reg-nr|"
            "glaubiger-id|mandatsreferenz|kontoname|zahlungstyp|vertragsbeginn|verwendungszweck|auftragsbestatigung|"
            "leistungszeitraum von|lieferzeitraum|rechnung an|liefer-/leistungsdatum|vorgang|vorgangsnummer"
        ),
        "en": (
            "customer number|customer no|customer id|account number|delivery note|delivery date|ship date|"
            "billing period|period|phone|tel|fax|email|page|bic|swift|swift code|bank|sort code|registered|"
            "company no|registration no|project|contract number|order date|salesperson|sales order|"
            "sales order number|delivery note number|despatch notice|terms|incoterm|website|home page|phone no|"
            "shipment date|service date|date of supply|tax point|date of delivery|cin|reference|supply date|"
            "print date|time|customer ref|your contact|job no|quote number|delivery no|packing slip|tracking number|"
            "service period|date ordered|document status|purpose code|profile|copy indicator|issuer|discount date|"
            "legal registration id|global id|card number"
        ),
        "fr": (
            "numero client|n client|code client|client n|date de livraison|tel|telephone|fax|email|page|bic|siren|"
            "siret|rcs|ape|n contrat|bon de livraison|n bon de livraison|n bon de reception|date de commande|banque|"
            "numero de dossier|id client|periode|naf|date de prestation|date de la prestation|date d expedition|"
            "ref client|reference|representant|ref comptable|numero de ligne|cadre de facturation|"
            "date du bon de livraison|prelevement a partir du|capital|contact|periode de facturation"
        ),
        "it": (
            "codice cliente|n cliente|data consegna|tel|telefono|fax|email|pagina|bic|swift|banca|ddt|data ordine|"
            "cig|cup|rea|numero ddt|data ddt|capitale sociale|pec|codice destinatario|sdi|periodo|agente|causale|"
            "riferimento"
        ),
        "es": (
            "numero de cliente|n cliente|cod cliente|codigo cliente|fecha de entrega|tel|telefono|fax|email|pagina|"
            "bic|swift|banco|albaran|n albaran|fecha pedido|registro mercantil|fecha de operacion|referencia|"
            "periodo|forma de pago|numero de albaran|fecha de pedido|agente|contrato|proyecto"
        ),
        "nl": (
            "klantnummer|klantnr|leverdatum|tel|telefoon|fax|email|pagina|bic|bank|kvk|kvk-nummer|pakbon|orderdatum|"
            "besteldatum|kvk nummer|debiteurnummer|debiteurennummer|pakbonnummer|leveringsdatum|periode|referentie|"
            "omschrijving|projectnummer|contractnummer|betreft|contactpersoon|relatienummer|klant nr|klant-nr"
        ),
    },
    "preceding": {
        "de": (
            "bezieht sich auf die rechnung|bezieht sich auf rechnung|korrektur zu rechnung|gutschrift zu rechnung|"
            "zur rechnung|zu rechnung|zu rechnung nr|gutschrift zur rechnung|storno der rechnung|ursprungsrechnung|"
            "ursprungliche rechnung|zur rechnung nr|originalrechnung|korrigierte rechnung|vorausgegangene rechnung|"
            "vorherige rechnung|referenzrechnung|auf die rechnung|bezug rechnung|bezug zu rechnung|"
            "zu unserer rechnung"
        ),
        "en": (
            "refers to invoice|credit for invoice|original invoice|corrects invoice|relating to invoice|"
            "original invoice number|preceding invoice|in respect of invoice|previous invoice|against invoice|"
            "replaces invoice|related invoice|for invoice|original invoice no|corrected invoice|re invoice"
        ),
        "fr": (
            "avoir sur facture|facture d origine|sur facture n|se refere a la facture|relatif a la facture|"
            "facture rectifiee|facture anterieure|facture initiale|avoir sur la facture|date de facture associee|"
            "n de facture associee|facture associee|reference facture d origine|n facture d origine|"
            "annule la facture"
        ),
        "it": (
            "rif fattura|fattura originale|a storno della fattura|riferimento fattura|storno fattura|fattura collegata"
        ),
        "es": (
            "factura rectificada|rectifica a la factura|factura original|rectifica la factura|factura que rectifica|"
            "referente a la factura"
        ),
        "nl": (
            "betreft factuur|oorspronkelijke factuur|credit op factuur|creditering van factuur|originele factuur|"
            "inzake factuur"
        ),
    },
}
"""Kind → language → labels separated by '|'."""
