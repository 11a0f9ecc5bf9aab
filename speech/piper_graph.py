"""A Piper network as two: from phonemes to frames, and from frames to samples.

Piper's voices are one ONNX graph. Its last third, the vocoder ("decoder"), is convolutions only, so it may run over a
few frames at a time. onnxruntime cannot cut a graph, and the `onnx` package would be a dependency for this alone. A
graph is a list of nodes that name what they take and give; copying those that one part needs, byte for byte, is a
matter of the protobuf wire format and takes 0.1 s for a voice of 63 MB.

Source: onnx.proto3 of ONNX (field numbers); https://protobuf.dev/programming-guides/encoding (wire format).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# ModelProto
_IR_VERSION, _GRAPH, _OPSETS = 1, 7, 8
# GraphProto
_NODE, _GRAPH_NAME, _INITIALIZER, _INPUT, _OUTPUT = 1, 2, 5, 11, 12
# NodeProto
_TAKES, _GIVES, _NODE_NAME, _OPERATION = 1, 2, 3, 4
# TensorProto, ValueInfoProto
_TENSOR_NAME, _VALUE_NAME = 8, 1
# Wire types
_VARINT, _EIGHT_BYTES, _SIZED, _FOUR_BYTES = 0, 1, 2, 5

_ENTRY = "/dec/conv_pre/Conv"
"""The vocoder's first convolution, as every voice exported by Piper names it."""

_WITH_INNER_GRAPHS = frozenset(("If", "Loop", "Scan"))
"""Their inner graphs may take tensors that the node itself does not name."""


class NotSplittable(Exception):
    """No graph of the shape that Piper exports."""


@dataclass(frozen=True, slots=True)
class SplitGraph:
    """Two ONNX models that do what one did.

    Args:
        front: takes what the whole took, gives `cut`.
        decoder: takes `cut`, and whatever else of the whole's inputs it needs (`sid` of a voice with many speakers).
        cut: name of the tensor between them: float32, shape (1, channels, frames).
    """

    front: bytes
    decoder: bytes
    cut: str


@dataclass(frozen=True, slots=True)
class _Node:
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    name: str
    operation: str
    content: memoryview


@dataclass(slots=True)
class _Graph:
    nodes: list[_Node] = field(default_factory=list)
    tensors: dict[str, memoryview] = field(default_factory=dict)
    inputs: dict[str, memoryview] = field(default_factory=dict)
    outputs: dict[str, memoryview] = field(default_factory=dict)


def split_graph(model: bytes) -> SplitGraph:
    """Cut a Piper voice where its vocoder begins.

    Args:
        model: the content of a voice's `.onnx`.
    Raises:
        NotSplittable: it is no ONNX model, has no such place, or the vocoder needs more than the tensor there.
    """
    try:
        head, graph = _read(memoryview(model))
    except (IndexError, ValueError) as error:
        raise NotSplittable("not an ONNX model") from error
    cut = next((node.takes[0] for node in graph.nodes if node.name == _ENTRY and node.takes), None)
    if cut is None:
        raise NotSplittable(f"no node {_ENTRY}")
    front = _part(graph, outputs=(cut,), given=())
    decoder = _part(graph, outputs=tuple(graph.outputs), given=(cut,))
    if {"input", "input_lengths", "scales"} & decoder.inputs.keys():
        raise NotSplittable("the vocoder takes more than one tensor from the front")
    return SplitGraph(_written(head, front), _written(head, decoder), cut)


def _part(graph: _Graph, outputs: tuple[str, ...], given: tuple[str, ...]) -> _Graph:
    """What is needed to make `outputs` when `given` are there, walking back from the outputs."""
    maker = {made: node for node in graph.nodes for made in node.gives}
    wanted, known, nodes = list(outputs), set(given), set()
    while wanted:
        name = wanted.pop()
        if name in known:
            continue
        known.add(name)
        if (node := maker.get(name)) is not None:
            if node.operation in _WITH_INNER_GRAPHS:
                raise NotSplittable(f"a node of type {node.operation}")
            nodes.add(node.gives)
            wanted += node.takes
    return _Graph(
        [node for node in graph.nodes if node.gives in nodes],
        {name: content for name, content in graph.tensors.items() if name in known},
        {name: content for name, content in graph.inputs.items() if name in known}
        | {name: _described(name) for name in given},
        {name: graph.outputs.get(name) or _described(name) for name in outputs},
    )


def _read(model: memoryview) -> tuple[bytes, _Graph]:
    """The version fields, ready to be written again, and the graph."""
    head, graph = b"", _Graph()
    for number, value in _fields(model):
        if isinstance(value, int):
            if number == _IR_VERSION:
                head += _key(_IR_VERSION, _VARINT) + _varint(value)
        elif number == _OPSETS:
            head += _sized(_OPSETS, value)
        elif number == _GRAPH:
            graph = _read_graph(value)
    return head, graph


def _read_graph(content: memoryview) -> _Graph:
    graph = _Graph()
    for number, value in _fields(content):
        if isinstance(value, int):
            continue
        if number == _NODE:
            graph.nodes.append(_read_node(value))
        elif number == _INITIALIZER:
            graph.tensors[_name(value, _TENSOR_NAME)] = value
        elif number == _INPUT:
            graph.inputs[_name(value, _VALUE_NAME)] = value
        elif number == _OUTPUT:
            graph.outputs[_name(value, _VALUE_NAME)] = value
    return graph


def _read_node(content: memoryview) -> _Node:
    texts: dict[int, list[str]] = {_TAKES: [], _GIVES: [], _NODE_NAME: [], _OPERATION: []}
    for number, value in _fields(content):
        if number in texts and isinstance(value, memoryview):
            texts[number].append(str(value, "utf-8"))
    takes, gives = tuple(texts[_TAKES]), tuple(texts[_GIVES])
    return _Node(takes, gives, "".join(texts[_NODE_NAME]), "".join(texts[_OPERATION]), content)


def _name(content: memoryview, wanted: int) -> str:
    names = (value for number, value in _fields(content) if number == wanted)
    return str(next(names, b""), "utf-8")  # type: ignore[arg-type]  # a name is never a number on the wire


def _fields(content: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Each field's number, with its value: a number, or the bytes of whatever has a size or is fixed."""
    at = 0
    while at < len(content):
        key, at = _read_varint(content, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _read_varint(content, at)
            yield number, value
            continue
        if wire == _SIZED:
            size, at = _read_varint(content, at)
        elif wire in (_EIGHT_BYTES, _FOUR_BYTES):
            size = 8 if wire == _EIGHT_BYTES else 4
        else:
            raise ValueError(f"wire type {wire}")
        if at + size > len(content):
            raise ValueError("a field beyond the end")
        yield number, content[at : at + size]
        at += size


def _read_varint(content: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _written(head: bytes, graph: _Graph) -> bytes:
    parts: list[tuple[int, Iterable[memoryview]]] = [
        (_NODE, (node.content for node in graph.nodes)),
        (_GRAPH_NAME, (memoryview(b"part"),)),
        (_INITIALIZER, graph.tensors.values()),
        (_INPUT, graph.inputs.values()),
        (_OUTPUT, graph.outputs.values()),
    ]
    body = b"".join(_sized(number, content) for number, contents in parts for content in contents)
    return head + _sized(_GRAPH, memoryview(body))


def _described(name: str) -> memoryview:
    """A ValueInfoProto: float32 with three axes of any length."""
    axes = b"".join(_sized(1, memoryview(_sized(2, memoryview(axis)))) for axis in (b"one", b"channels", b"frames"))
    elements = _key(1, _VARINT) + _varint(1)
    tensor = _sized(1, memoryview(elements + _sized(2, memoryview(axes))))
    return memoryview(_sized(_VALUE_NAME, memoryview(name.encode())) + _sized(2, memoryview(tensor)))


def _sized(number: int, content: memoryview) -> bytes:
    return b"".join((_key(number, _SIZED), _varint(len(content)), content))


def _key(number: int, wire: int) -> bytes:
    return _varint(number << 3 | wire)


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)
