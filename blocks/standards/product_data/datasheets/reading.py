"""PDF data sheets: attributes from tables, lists and boxes of the text layer, each with page and box."""

from blocks.documents.product_data import ProductAttribute, ProductData, Spot
from blocks.standards.product_data.datasheets.cells import lines_of
from blocks.standards.product_data.datasheets.lists import stated_in
from blocks.standards.product_data.findings import Findings

def sheet(data: bytes, findings: Findings) -> ProductData:
    from blocks.standards.pdf.reading import read_text_layer
    layer = read_text_layer(data)
    pages = lines_of(layer)
    out=[]
    for st in stated_in(pages, layer.pages[0].width):
        s=st.statement
        out.append(ProductAttribute(name=s.name,value=s.value,unit=s.unit,source="list",spot=Spot(page=st.page,box=st.box)))
    return ProductData(attributes=tuple(out))
