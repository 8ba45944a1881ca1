"""Work in pieces."""

from concurrent.futures import ThreadPoolExecutor

from diagnose.dataset.pieces import IN_FLIGHT, Pool


def test_results_come_in_order_and_few_pieces_exist_at_a_time():
    made, seen = 0, 0

    def pieces():
        nonlocal made
        for number in range(50):
            made += 1
            assert made - seen <= IN_FLIGHT * 2
            yield number

    with ThreadPoolExecutor(2) as executor:
        for number, result in enumerate(Pool(executor.submit, 2).each(lambda piece: piece**2, pieces())):
            assert result == number**2
            seen += 1
    assert seen == 50
