"""Pairs of scripts: edits that cannot matter to a call of ``fit``, and edits that may."""

from __future__ import annotations

__all__ = ["DIFFERENT", "EQUAL"]

EQUAL = {
    "renamed variable": ("a = [1, 2]\nfit(a)", "b = [1, 2]\nfit(b)"),
    "keyword": ("fit(3, 0.1)", "fit(data=3, alpha=0.1)"),
    "keyword order": ("fit(data=3, alpha=0.1)", "fit(alpha=0.1, data=3)"),
    "default spelled out": ("fit(3)", "fit(3, alpha=0.5)"),
    "folded": ("fit(6)", "fit(2 * 3)"),
    "named constant": ("fit(6)", "n = 6\nfit(n)"),
    "comment and layout": ("fit(3)", "# here\nfit(\n    3,\n)"),
    "independent statement": ("fit(3)", "x = 7\nprint(x)\nfit(3)"),
    "moved statement": (
        "a = np.ones(3)\nb = np.zeros(4)\nfit(a)",
        "b = np.zeros(4)\na = np.ones(3)\nfit(a)",
    ),
    "in main": ("fit(3)", 'def main():\n    fit(3)\nif __name__ == "__main__":\n    main()'),
    "decided condition": ("fit(3)", "debug = False\nif not debug:\n    fit(3)"),
    "decided by a parameter": ("fit(3)", 'n = default_param("n", 5)\nif n > 2:\n    fit(3)'),
    "parameter for its value": ("fit(3)", 'n = default_param("n", 3)\nfit(n)'),
    "through a result": ("d = load('x')\nfit(d)", "e = load('y')\nfit(e)"),
    "printed": ("d = np.ones(3)\nfit(d)", "d = np.ones(3)\nprint(d)\nfit(d)"),
    "pure method": ("d = np.ones(3)\nfit(d)", "d = np.ones(3)\nprint(d.mean())\nfit(d)"),
    "unpacked": ("fit(3)", "a, b = 3, 4\nfit(a)"),
    "annotated": ("a = 3\nfit(a)", "a: int = 3\nfit(a)"),
    "f-string": ('fit("d/3.csv")', 'k = 3\nfit(f"d/{k}.csv")'),
    "function passed through": (
        "def run(x):\n    return fit(x)\nrun(3)",
        "def go(y):\n    print(y)\n    return fit(y)\ngo(3)",
    ),
    "comprehension variable": ("[fit(a) for a in (1, 2)]", "[fit(b) for b in (1, 2)]"),
    "loop variable": ("for a in [1, 2]:\n    fit(a)", "for b in [1, 2]:\n    fit(b)"),
    "printing in a loop": (
        "for a in [1, 2]:\n    fit(a)",
        "for a in [1, 2]:\n    print(a)\n    fit(a)",
    ),
    "alias of an import": (
        "fit(np.ones(3))",
        "import numpy\nfit(numpy.ones(3))",
    ),
    "spread keywords": ("fit(3, alpha=0.1)", "fit(3, **{'alpha': 0.1})"),
    "spread arguments": ("fit(3, 0.1)", "a = [3, 0.1]\nfit(*a)"),
    "item of a dictionary": ("fit(load('x'))", "d = {'a': load('x'), 'b': 2}\nfit(d['a'])"),
    "looked at": ("d = [1, 2]\nfit(d)", "d = [1, 2]\nlen(d)\nfit(d)"),
    "plotted": (
        "d = np.ones(3)\nfit(d)",
        "import matplotlib.pyplot as plt\nd = np.ones(3)\nplt.plot(d)\nplt.show()\nfit(d)",
    ),
}

DIFFERENT = {
    "argument": ("fit(3)", "fit(4)"),
    "type": ("fit(1)", "fit(1.0)"),
    "bool is not int": ("fit(1)", "fit(True)"),
    "list is not tuple": ("fit([1])", "fit((1,))"),
    "default": ("fit(3)", "fit(3, alpha=0.4)"),
    "upstream statement": ("a = np.ones(3)\nfit(a)", "a = np.ones(4)\nfit(a)"),
    "changed in place": ("a = np.ones(3)\nfit(a)", "a = np.ones(3)\na[0] = 2\nfit(a)"),
    "changed through an alias": (
        "a = np.ones(3)\nb = a\nfit(a)",
        "a = np.ones(3)\nb = a\nb[0] = 2\nfit(a)",
    ),
    "changed through a view": (
        "a = np.ones(3)\nb = a[1:]\nfit(a)",
        "a = np.ones(3)\nb = a[1:]\nb.fill(2)\nfit(a)",
    ),
    "changed through an element": (
        "x = [1]\na = [x]\nfit(a)",
        "x = [1]\na = [x]\nx.append(2)\nfit(a)",
    ),
    "appended": ("a = []\nfit(a)", "a = []\na.append(1)\nfit(a)"),
    "augmented": ("a = 1\nfit(a)", "a = 1\na += 1\nfit(a)"),
    "item of a dictionary that changed": (
        "v = load('x')\nd = {'a': v}\nfit(d['a'])",
        "v = load('x')\nd = {'a': v}\nv.append(1)\nfit(d['a'])",
    ),
    "item that was replaced": (
        "d = {'a': load('x'), 'b': 2}\nfit(d['a'])",
        "d = {'a': load('x'), 'b': 2}\nd['a'] = 3\nfit(d['a'])",
    ),
    "spread from a list that changed": ("a = [3]\nfit(*a)", "a = [3]\na.append(0.1)\nfit(*a)"),
    "attribute set": (
        "import types\na = types.SimpleNamespace()\nfit(a)",
        "import types\na = types.SimpleNamespace()\na.x = 1\nfit(a)",
    ),
    "changed by a library": (
        "a = np.ones(3)\nfit(a)",
        "a = np.ones(3)\nnp.fill_diagonal(a, 1)\nfit(a)",
    ),
    "written through out": (
        "a = np.ones(3)\nfit(a)",
        "a = np.ones(3)\nnp.add(a, 1, out=a)\nfit(a)",
    ),
    "changed by a function of the project": (
        "def change(v):\n    pass\na = [1]\nchange(a)\nfit(a)",
        "def change(v):\n    v.append(2)\na = [1]\nchange(a)\nfit(a)",
    ),
    "helper that gives the argument": (
        "def make_it():\n    return np.ones(3)\nfit(make_it())",
        "def make_it():\n    return np.ones(4)\nfit(make_it())",
    ),
    "undecided condition": (
        "d = load('x')\nfit(3)",
        "d = load('x')\nif d:\n    fit(3)",
    ),
    "earlier exit": (
        "d = load('x')\nfit(3)",
        "d = load('x')\nif d:\n    sys.exit()\nfit(3)",
    ),
    "value from either branch": (
        "d = load('x')\na = 1\nif d:\n    a = 2\nfit(a)",
        "d = load('x')\na = 1\nif d:\n    a = 3\nfit(a)",
    ),
    "loop body": (
        "a = 0\nfor k in range(load('x')):\n    a += 1\nfit(a)",
        "a = 0\nfor k in range(load('x')):\n    a += 2\nfit(a)",
    ),
    "loop source": ("for k in [1, 2]:\n    fit(k)", "for k in [1, 3]:\n    fit(k)"),
    "carried in a loop": (
        "a = 0\nfor k in [1, 2]:\n    a = a + 1\n    fit(a)",
        "a = 0\nfor k in [1, 2]:\n    a = a + 2\n    fit(a)",
    ),
    "break": (
        "d = load('x')\nfor k in d:\n    fit(k)",
        "d = load('x')\nfor k in d:\n    if k > 3:\n        break\n    fit(k)",
    ),
    "break after the call": (
        "d = load('x')\nfor k in d:\n    fit(k)",
        "d = load('x')\nfor k in d:\n    fit(k)\n    if k > 3:\n        break",
    ),
    "continue": (
        "d = load('x')\na = 0\nfor k in d:\n    a += k\nfit(a)",
        "d = load('x')\na = 0\nfor k in d:\n    if k:\n        continue\n    a += k\nfit(a)",
    ),
    "while": (
        "a = load('x')\nwhile a < 3:\n    a = a + 1\nfit(a)",
        "a = load('x')\nwhile a < 4:\n    a = a + 1\nfit(a)",
    ),
    "handler": (
        "try:\n    a = int(load('x'))\nexcept ValueError:\n    a = 1\nfit(a)",
        "try:\n    a = int(load('x'))\nexcept ValueError:\n    a = 2\nfit(a)",
    ),
    "comprehension element": (
        "fit([k for k in load('x')])",
        "fit([k + 1 for k in load('x')])",
    ),
    "comprehension condition": (
        "fit([k for k in load('x')])",
        "fit([k for k in load('x') if k])",
    ),
    "nested comprehension": (
        "fit([k for r in load('x') for k in r])",
        "fit([k for r in load('x') if r for k in r])",
    ),
    "lambda": ("fit((lambda x: x)(load('x')))", "fit((lambda x: x + 1)(load('x')))"),
    "function as argument": (
        "def g(x):\n    return x\nfit(g)",
        "def g(x):\n    return x + 1\nfit(g)",
    ),
    "function in a list": (
        "def g(x):\n    return x\nfit([g])",
        "def g(x):\n    return x + 1\nfit([g])",
    ),
    "closure": (
        "def outer(n):\n    def g(x):\n        return x + n\n    return g\nfit(outer(1))",
        "def outer(n):\n    def g(x):\n        return x + n\n    return g\nfit(outer(2))",
    ),
    "class of an argument": (
        "class Model:\n    def run(self):\n        return 1\nfit(Model())",
        "class Model:\n    def run(self):\n        return 2\nfit(Model())",
    ),
    "seed": (
        "random.seed(1)\nfit(random.random())",
        "random.seed(2)\nfit(random.random())",
    ),
    "draws between": (
        "np.random.seed(1)\nfit(np.random.rand(3))",
        "np.random.seed(1)\nnp.random.rand(2)\nfit(np.random.rand(3))",
    ),
    "which result": (
        "a = load('x')\nb = load('y')\nfit(a, b)",
        "a = load('x')\nb = load('y')\nfit(a, a)",
    ),
    "order of results": (
        "a = load('x')\nb = load('y')\nfit(a - b)",
        "a = load('x')\nb = load('y')\nfit(a - b - b)",
    ),
    "return inside a loop": (
        "def f(d):\n    for k in d:\n        if k > 1:\n            return fit(k)\nf(load('x'))",
        "def f(d):\n    for k in d:\n        if k > 2:\n            return fit(k)\nf(load('x'))",
    ),
    "match": (
        "match load('x'):\n    case 1:\n        a = 1\n    case _:\n        a = 2\nfit(a)",
        "match load('x'):\n    case 2:\n        a = 1\n    case _:\n        a = 2\nfit(a)",
    ),
    "deleted item": ("a = {1: load('x')}\nfit(a)", "a = {1: load('x')}\ndel a[1]\nfit(a)"),
    "swapped names": ("a, b = 1, 2\nfit(a)", "b, a = 1, 2\nfit(a)"),
    "global changed by a function": (
        "n = [0]\ndef step():\n    n.append(1)\nfit(n)",
        "n = [0]\ndef step():\n    n.append(1)\nstep()\nfit(n)",
    ),
    "global rebound by a function": (
        "n = 0\ndef step():\n    global n\n    n = 1\nfit(n)",
        "n = 0\ndef step():\n    global n\n    n = 1\nstep()\nfit(n)",
    ),
    "conditional exit in an expression": (
        "d = load('x')\nfit(3)",
        "d = load('x')\nd or sys.exit()\nfit(3)",
    ),
    "changed itself or through a part": (
        "c = [[1], 2]\nb = [3]\nb.append(c)\ndel b[0]\nfit(b)",
        "c = [[1], 2]\nb = [3]\nb.append(c)\ndel c[0]\nfit(b)",
    ),
    "one of two that may share": (
        "b = load('x')\na = b[0:1]\nb[0] = 1\nfit(a)",
        "b = load('x')\na = b[0:1]\na[0] = 1\nfit(a)",
    ),
    "function imported in either branch": (
        (
            "d = load('x')\nif d:\n    from helpers import f\nelse:\n    def f():\n"
            "        return 1\nfit(f())"
        ),
        (
            "d = load('x')\nif d:\n    from helpers import f\nelse:\n    def f():\n"
            "        return 2\nfit(f())"
        ),
    ),
    "assignment that may raise": (
        "c = load('x')\ntry:\n    c[0] = 1\nexcept IndexError:\n    fit(3)",
        "c = load('x')\ntry:\n    c[9] = 1\nexcept IndexError:\n    fit(3)",
    ),
    "kept by a function of the project": (
        "def push(v, w):\n    v.append(w)\na = [1]\nc = []\npush(c, a)\nfit(c)",
        "def push(v, w):\n    v.append(w)\na = [1]\nc = []\npush(c, a)\na[0] = 2\nfit(c)",
    ),
    "kept in a global": (
        "s = []\ndef keep(v):\n    s.append(v)\na = [1]\nkeep(a)\nfit(s)",
        "s = []\ndef keep(v):\n    s.append(v)\na = [1]\nkeep(a)\na[0] = 2\nfit(s)",
    ),
    "unpacked from a literal that names it": (
        "b = [2, 3]\nc, d = [[3, b]], b\nfit(c)",
        "b = [2, 3]\nc, d = [[3, b]], b\nd[0] = 1\nfit(c)",
    ),
    "one object by two names": ("a = b = []\nfit(a)", "a = b = []\nb.append(1)\nfit(a)"),
    "named in an expression": ("a = (b := [])\nfit(a)", "a = (b := [])\nb.append(1)\nfit(a)"),
    "changed through an attribute": (
        "import types\na = np.ones(3)\no = types.SimpleNamespace()\no.x = a\nfit(a)",
        "import types\na = np.ones(3)\no = types.SimpleNamespace()\no.x = a\no.x[0] = 1\nfit(a)",
    ),
    "changed through a list": (
        "a = np.ones(3)\nl = []\nl.append(a)\nfit(a)",
        "a = np.ones(3)\nl = []\nl.append(a)\nl[0][0] = 1\nfit(a)",
    ),
    "changed by a loop over a list": (
        "a = np.ones(3)\nl = []\nl.append(a)\nfit(a)",
        "a = np.ones(3)\nl = []\nl.append(a)\nfor x in l:\n    x.fill(0)\nfit(a)",
    ),
    "one of two definitions": (
        (
            "d = load('x')\nif d:\n    def g():\n        return 1\nelse:\n    def g():\n"
            "        return 2\nfit(g())"
        ),
        (
            "d = load('x')\nif d:\n    def g():\n        return 1\nelse:\n    def g():\n"
            "        return 3\nfit(g())"
        ),
    ),
    "exit in a loop": (
        "for k in load('x'):\n    print(k)\nfit(3)",
        "for k in load('x'):\n    if k:\n        sys.exit()\nfit(3)",
    ),
}
