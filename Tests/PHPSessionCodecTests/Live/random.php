// Fills $_SESSION at random: scalars, arrays and objects that occur more than once, and PHP references to all of them.
// Evaluated in session.php, with $seed set before.
if (!function_exists('random_value')) {
    function random_value(array &$known, array &$references, int $depth): mixed
    {
        $scalars = [
            null, true, false, 0, 1, -1, 127, 128, 255, 256, -128, -129, 65535, 65536, -32769, 4294967295, 4294967296,
            PHP_INT_MAX, PHP_INT_MIN, 0.0, -0.0, 1.5, 1e100, INF, 0.1, '', 'a', 'key', "\0\xff", 'é',
        ];
        $choice = mt_rand(0, 15);
        if ($choice < 5 || $depth > 3) {
            return mt_rand(0, 9) === 0 ? str_repeat('x', mt_rand(0, 300)) : $scalars[array_rand($scalars)];
        }
        if ($choice < 8) {
            return $known ? $known[array_rand($known)] : 5;
        }
        if ($choice < 12) {
            $container = [];
            for ($count = mt_rand(0, 4); $count > 0; $count--) {
                random_member($container, [0, 1, 5, -3, 'a', 'key', 'x'][mt_rand(0, 6)], $known, $references, $depth);
            }
            if (mt_rand(0, 1)) {
                $container = array_values($container);
            }
            $known[] = $container;
            return $container;
        }
        $container = mt_rand(0, 2) ? new stdClass : new RefHolder;
        $known[] = $container;
        foreach (['a', 'key', 'x', 'y'] as $name) {
            if (mt_rand(0, 1)) {
                random_member($container, $name, $known, $references, $depth);
            }
        }
        return $container;
    }

    function random_member(
        array|object &$container,
        int|string $key,
        array &$known,
        array &$references,
        int $depth
    ): void {
        $value = random_value($known, $references, $depth + 1);
        if (mt_rand(0, 3)) {
            if (is_object($container)) { $container->$key = $value; } else { $container[$key] = $value; }
            return;
        }
        $index = $references && mt_rand(0, 1) ? array_rand($references) : count($references);
        $references[$index] ??= $value;
        if (is_object($container)) {
            $container->$key = &$references[$index];
        } else {
            $container[$key] = &$references[$index];
        }
    }
}
mt_srand($seed);
$known = [];
$references = [];
$_SESSION = [];
foreach (['a', 'b', 'key', 'd', 'e'] as $name) {
    random_member($_SESSION, $name, $known, $references, 0);
}
