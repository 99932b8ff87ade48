namespace Isotope.Pickles;

/// <summary>
/// The pickle instructions that this reader executes, and some that it knows only to refuse them by name. The values are Python's, whose
/// module <c>pickletools</c> documents each of them.
/// </summary>
internal enum Opcode : byte
{
    // Structure.
    Proto = 0x80,
    Frame = 0x95,
    Stop = (byte)'.',
    Mark = (byte)'(',
    Pop = (byte)'0',
    Dup = (byte)'2',
    PopMark = (byte)'1',

    // Primitives.
    None = (byte)'N',
    True = 0x88,
    False = 0x89,
    Int1 = (byte)'K',
    Int2 = (byte)'M',
    Int4 = (byte)'J',
    Long1 = 0x8a,
    Long4 = 0x8b,
    Double = (byte)'G',
    ShortString = (byte)'U',
    String = (byte)'T',
    ShortUnicode = 0x8c,
    Unicode = (byte)'X',
    Unicode8 = 0x8d,
    ShortBytes = (byte)'C',
    Bytes = (byte)'B',
    Bytes8 = 0x8e,
    ByteArray8 = 0x96,

    // Containers.
    EmptyTuple = (byte)')',
    Tuple = (byte)'t',
    Tuple1 = 0x85,
    Tuple2 = 0x86,
    Tuple3 = 0x87,
    EmptyList = (byte)']',
    List = (byte)'l',
    Append = (byte)'a',
    Appends = (byte)'e',
    EmptyDict = (byte)'}',
    Dict = (byte)'d',
    SetItem = (byte)'s',
    SetItems = (byte)'u',
    EmptySet = 0x8f,
    AddItems = 0x90,
    FrozenSet = 0x91,

    // The memo.
    Put1 = (byte)'q',
    Put4 = (byte)'r',
    Memoize = 0x94,
    Get1 = (byte)'h',
    Get4 = (byte)'j',

    // Names and calls: listed names alone are called, and others are refused or kept as inert objects.
    Global = (byte)'c',
    StackGlobal = 0x93,
    Reduce = (byte)'R',
    Build = (byte)'b',
    PersistentId = (byte)'Q',

    // Objects of classes.
    NewObj = 0x81,
    NewObjEx = 0x92,
    Inst = (byte)'i',
    Obj = (byte)'o',

    // Names from a registry of the process that wrote the file, which is not here.
    Ext1 = 0x82,
    Ext2 = 0x83,
    Ext4 = 0x84,
}
